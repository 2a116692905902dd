# LLVM 22 and lld 22, linked statically into the compiler's shared object: a process that only runs code never loads them.
find_package(LLVM 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
find_package(LLD 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
llvm_map_components_to_libnames(llvm_archives
  core support passes codegen asmprinter mc target targetparser bitwriter irreader lto option object debuginfodwarf transformutils
  x86codegen x86asmparser x86desc x86info aarch64codegen aarch64asmparser aarch64desc aarch64info)
separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# The archives are named as files: the imported targets of a distribution's lld ask for libLLVM.so as well, and two copies of
# LLVM in a process do not go together.
function(wasmc_archives name)
  list(TRANSFORM ARGN REPLACE "(.+)" "$<TARGET_FILE:\\1>")
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${LLD_INCLUDE_DIRS})
  target_compile_options(${name} INTERFACE ${definitions} -fno-exceptions)
  target_link_libraries(${name} INTERFACE LINKER:--start-group ${ARGN} LINKER:--end-group)
endfunction()
find_library(WASMC_ZLIB NAMES libz.a z REQUIRED)
find_library(WASMC_ZSTD NAMES libzstd.a zstd REQUIRED)
wasmc_archives(wasmc_llvm ${llvm_archives})
target_link_libraries(wasmc_llvm INTERFACE ${WASMC_ZLIB} ${WASMC_ZSTD} m)
wasmc_archives(wasmc_lld lldELF lldCommon)
target_link_libraries(wasmc_lld INTERFACE wasmc_llvm)
