# wasmc_lay_out(<library> <directory> <program>): puts the shared object into the directory, laid out by what runs in it when <program> compiles (see
# bolt.sh), or as it is linked where that is switched off or not to be had. Defines a target wasmc_laid_out for who needs the file.
find_program(WASMC_LLVM_BOLT llvm-bolt-22)
function(wasmc_lay_out library directory program)
  if(NOT WASMC_BOLT OR NOT WASMC_LLVM_BOLT OR WASMC_SANITIZE)
    set_target_properties(${library} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${directory})
    add_custom_target(wasmc_laid_out DEPENDS ${library})
    install(TARGETS ${library} LIBRARY DESTINATION lib/wasmc)
    return()
  endif()
  target_link_options(${library} PRIVATE LINKER:--emit-relocs)
  set(output ${directory}/${CMAKE_SHARED_LIBRARY_PREFIX}${library}${CMAKE_SHARED_LIBRARY_SUFFIX})
  # The profile stays when the library changes: BOLT takes what still fits. The program is there first, but is no reason to do it again.
  add_custom_command(OUTPUT ${output} DEPENDS ${library} VERBATIM COMMENT "Laying out ${library} (minutes the first time)"
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/bolt.sh $<TARGET_FILE:${library}> $<TARGET_FILE:${program}> ${CMAKE_CURRENT_BINARY_DIR}/${library}.fdata ${output})
  add_custom_target(wasmc_laid_out DEPENDS ${output})
  add_dependencies(wasmc_laid_out ${program})
  install(FILES ${output} DESTINATION lib/wasmc PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endfunction()
