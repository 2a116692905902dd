# Rooms: each folder of sources is a library, and the arrows between them are its DEPENDS.
#
# A room's headers are included as "<room>/<file>.h". They are found through a directory that holds nothing but a link to
# that room's folder, so a file can include a header only of the rooms that its own room depends on: a wrong include does
# not compile.

# wasmc_room(<name> <folder> [HEADER_ONLY] [PRECOMPILED set] [SOURCES file…] [DEPENDS room…] [PRIVATE library…])
function(wasmc_room name folder)
  cmake_parse_arguments(ROOM "HEADER_ONLY" "PRECOMPILED" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${folder} ${root}/${name} SYMBOLIC)
  list(TRANSFORM ROOM_DEPENDS PREPEND wasmc_)
  if(ROOM_HEADER_ONLY)
    add_library(wasmc_${name} INTERFACE)
    target_include_directories(wasmc_${name} INTERFACE ${root})
    target_link_libraries(wasmc_${name} INTERFACE ${ROOM_DEPENDS})
  else()
    list(TRANSFORM ROOM_SOURCES PREPEND ${folder}/)
    add_library(wasmc_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(wasmc_${name} PUBLIC ${root})
    target_link_libraries(wasmc_${name} PUBLIC ${ROOM_DEPENDS} PRIVATE wasmc_flags ${ROOM_PRIVATE})
    if(NOT ROOM_PRECOMPILED)
      set(ROOM_PRECOMPILED std)
    endif()
    target_precompile_headers(wasmc_${name} REUSE_FROM wasmc_pch_${ROOM_PRECOMPILED})
  endif()
endfunction()

# A face is a single header that users include as "<name>/<header>", without the rooms behind it.
# wasmc_face(<name> <header> DEPENDS room…)
function(wasmc_face name header)
  cmake_parse_arguments(FACE "" "" "DEPENDS" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/rooms/${name}_face)
  file(MAKE_DIRECTORY ${root}/${name})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${root}/${name}/${header} SYMBOLIC)
  list(TRANSFORM FACE_DEPENDS PREPEND wasmc_)
  add_library(wasmc_${name}_face INTERFACE)
  target_include_directories(wasmc_${name}_face INTERFACE ${root})
  target_link_libraries(wasmc_${name}_face INTERFACE ${FACE_DEPENDS})
endfunction()
