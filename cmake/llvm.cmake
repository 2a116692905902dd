# LLVM 22 and lld 22, linked statically into the compiler's shared object: a process that only runs code never loads them.
find_package(LLVM 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
find_package(LLD 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
llvm_map_components_to_libnames(WASMC_LLVM_LIBS
  core support passes codegen asmprinter mc target targetparser bitwriter irreader object debuginfodwarf transformutils
  x86codegen x86asmparser x86desc x86info aarch64codegen aarch64asmparser aarch64desc aarch64info)
add_library(wasmc_llvm INTERFACE)
target_include_directories(wasmc_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(wasmc_llvm INTERFACE ${definitions} -fno-exceptions)
target_link_libraries(wasmc_llvm INTERFACE ${WASMC_LLVM_LIBS})
add_library(wasmc_lld INTERFACE)
target_link_libraries(wasmc_lld INTERFACE lldELF lldCommon wasmc_llvm)
