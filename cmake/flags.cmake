# Compiler flags of all our code, as one interface library.
add_library(wasmc_flags INTERFACE)
target_compile_options(wasmc_flags INTERFACE
  -Wall -Wextra -Wno-gnu-statement-expression-from-macro-expansion -Wno-unused-parameter -Wno-missing-designated-field-initializers
  -fvisibility=hidden -fvisibility-inlines-hidden)
if(WASMC_SANITIZE)
  # Global, so that every object of a process agrees.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
