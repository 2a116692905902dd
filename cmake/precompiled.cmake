# Precompiled headers: four sets, each compiled once and shared. Without them, parsing LLVM's, GoogleTest's and the standard
# library's headers is most of a build. A target whose flags decide about code (PIC or PIE, -O) needs a set of its own.
#
# They change no meaning: every file is to include what it uses, so that -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON builds too (no test does that).
set(WASMC_STD_HEADERS <algorithm> <array> <charconv> <cstdint> <cstring> <expected> <functional> <map> <memory> <optional> <span>
                      <string> <string_view> <utility> <vector>)
set(WASMC_LLVM_HEADERS ${WASMC_STD_HEADERS} <llvm/IR/IRBuilder.h> <llvm/IR/MDBuilder.h> <llvm/IR/Module.h> <llvm/Support/raw_ostream.h>
                       <llvm/Target/TargetMachine.h>)
set(WASMC_TEST_HEADERS ${WASMC_STD_HEADERS} <gtest/gtest.h>)
set(WASMC_CLI_HEADERS ${WASMC_STD_HEADERS} <CLI/CLI.hpp>)

file(CONFIGURE OUTPUT precompiled.cpp CONTENT "int main() {}\n")
# So that a compiler cache can tell that two precompiled headers are the same.
add_compile_options("$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>")

# wasmc_precompiled(<set> [EXECUTABLE] HEADERS header… [PRIVATE library…]): the target wasmc_pch_<set>, for REUSE_FROM.
function(wasmc_precompiled set)
  cmake_parse_arguments(PCH "EXECUTABLE" "" "HEADERS;PRIVATE" ${ARGN})
  if(PCH_EXECUTABLE)
    add_executable(wasmc_pch_${set} ${CMAKE_BINARY_DIR}/precompiled.cpp)
  else()
    add_library(wasmc_pch_${set} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  endif()
  target_link_libraries(wasmc_pch_${set} PRIVATE wasmc_flags ${PCH_PRIVATE})
  target_precompile_headers(wasmc_pch_${set} PRIVATE ${PCH_HEADERS})
endfunction()

wasmc_precompiled(std HEADERS ${WASMC_STD_HEADERS})
