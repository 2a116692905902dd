// Arguments and environment.
#include <algorithm>

#include "wasi/functions.h"

namespace wasmc::wasi {
namespace {

Or<> get(const StringBlock &block, GuestMemory memory, uint32_t pointers_out, uint32_t text_out) {
  auto pointers = TRY(memory.slice<uint32_t>(pointers_out, block.count()));
  auto text = TRY(memory.bytes(text_out, block.size()));
  for (uint32_t i = 0; i < block.count(); ++i) pointers.store(i, text_out + block.start(i));
  std::ranges::copy(block.text(), text.begin());
  return {};
}

Or<> sizes(const StringBlock &block, GuestMemory memory, uint32_t count_out, uint32_t size_out) {
  auto count = TRY(memory.cell<uint32_t>(count_out));
  auto size = TRY(memory.cell<uint32_t>(size_out));
  count.store(block.count());
  size.store(block.size());
  return {};
}

}  // namespace

Or<> args_get(Context &context, GuestMemory memory, uint32_t argv_out, uint32_t text_out) {
  return get(context.args, memory, argv_out, text_out);
}

Or<> args_sizes_get(Context &context, GuestMemory memory, uint32_t count_out, uint32_t size_out) {
  return sizes(context.args, memory, count_out, size_out);
}

Or<> environ_get(Context &context, GuestMemory memory, uint32_t environ_out, uint32_t text_out) {
  return get(context.env, memory, environ_out, text_out);
}

Or<> environ_sizes_get(Context &context, GuestMemory memory, uint32_t count_out, uint32_t size_out) {
  return sizes(context.env, memory, count_out, size_out);
}

}  // namespace wasmc::wasi
