// Where the parts of wasmc are. They are found from the executable that runs, so that an installed tree can be moved:
//   bin/wasmc                            starts, and runs what is compiled
//   lib/wasmc/wasmc                      the whole program
//   lib/wasmc/libwasmc_compiler.so       the compiler
#pragma once
#include <string>

namespace wasmc::cli {

/// Of the whole program, from bin/wasmc. Empty if it cannot be known where that is.
std::string whole_program_path();

/// Of the compiler, from either program. Empty if there is none.
std::string compiler_path();

/// What tells the compiler's file from that of another build, which may make other code; it is not opened. Empty if there is none.
std::string compiler_identity();

}  // namespace wasmc::cli
