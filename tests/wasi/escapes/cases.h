// Every case of the hostile guest, once: WASMC_CASE(name). The driver has a test for each.
#pragma once
#include "attempts.h"

#define WASMC_CASES            \
  /* paths.c */                \
  WASMC_CASE(absolute_paths)   \
  WASMC_CASE(dot_dot_chains)   \
  WASMC_CASE(slashes_and_dots) \
  WASMC_CASE(empty_and_nul)    \
  WASMC_CASE(long_names)       \
  /* links.c */                \
  WASMC_CASE(links_before)     \
  WASMC_CASE(links_during)     \
  WASMC_CASE(links_by_guest)   \
  WASMC_CASE(links_at_the_end) \
  WASMC_CASE(links_moved)      \
  WASMC_CASE(links_in_chains)  \
  WASMC_CASE(hard_links)       \
  WASMC_CASE(proc_self_fd)     \
  /* directories.c */          \
  WASMC_CASE(renames_across)   \
  WASMC_CASE(read_only)        \
  WASMC_CASE(renumber)         \
  WASMC_CASE(rights)           \
  WASMC_CASE(removed)          \
  WASMC_CASE(entry_above)      \
  WASMC_CASE(host_descriptors) \
  WASMC_CASE(stream_directory) \
  WASMC_CASE(closed_streams)   \
  WASMC_CASE(artifact)         \
  /* addresses.c */            \
  WASMC_CASE(last_bytes)       \
  WASMC_CASE(wrapping)         \
  WASMC_CASE(four_gibibytes)   \
  /* races.c */                \
  WASMC_CASE(race_on_the_way)  \
  WASMC_CASE(race_at_the_end)  \
  WASMC_CASE(race_dot_dot)

#define WASMC_CASE(name) void name(struct trial *trial);
WASMC_CASES
#undef WASMC_CASE
