// What differs between CPUs in a signal handler: machine_x86_64.cpp, machine_aarch64.cpp.
#pragma once
#include <cstdint>

#include <ucontext.h>

namespace wasmc::exec {

uintptr_t pc_of(const ucontext_t &state);
/// Makes the interrupted thread go on at `target(first, second)`.
void continue_at(ucontext_t &state, uintptr_t target, uintptr_t first, uintptr_t second);

/// The base of the segment that compiled code may set (`--segue`); only where platform::has_segment_base().
uintptr_t segment_base();
void set_segment_base(uintptr_t base);

}  // namespace wasmc::exec
