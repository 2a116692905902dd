// Many threads: one after the other, all at once, and threads that start threads. Ids are positive, and different among those that
// live together.
//
//: run sequence 1000
//: run at-once 200
//: run nested 7
//: no-dir
#include "thread.h"

static _Atomic uint32_t ran, wrong_ids;
static _Atomic int32_t arrived, gate;

static void count_one(void *argument) { ran++; }

static void sequence(uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (start(0, count_one, NULL) < 0) return print("a thread did not start\n");
    join(0);
    if (threads[0].id <= 0) wrong_ids++;
  }
}

static void wait_at_gate(void *argument) {
  arrived++;
  wake(&arrived, 1);
  wait_while(&gate, 0);
  ran++;
}

static void at_once(uint32_t count) {
  start_all(count, wait_at_gate);
  for (int32_t now; (now = arrived) < (int32_t)count;) wait_while(&arrived, now);
  for (uint32_t i = 0; i < count; i++) {
    wrong_ids += threads[i].id <= 0;
    for (uint32_t j = 0; j < i; j++) wrong_ids += threads[i].id == threads[j].id;
  }
  gate = 1;
  wake(&gate, UINT32_MAX);
  join_all(count);
}

// A binary tree whose nodes are threads: node n has 2n and 2n + 1.
static void grow_tree(void *argument) {
  uint32_t node = (uint32_t)(uintptr_t)argument, leaves = 1u << gate;
  ran++;
  if (node >= leaves / 2) return;
  for (uint32_t child = 2 * node; child <= 2 * node + 1; child++)
    if (start(child, grow_tree, (void *)(uintptr_t)child) < 0) print("a thread did not start\n");
  join(2 * node);
  join(2 * node + 1);
}

static int run(int argc, char **argv) {
  uint32_t count = number_of(argv[2]);
  if (same(argv[1], "sequence")) {
    sequence(count);
  } else if (same(argv[1], "at-once")) {
    at_once(count);
  } else {
    gate = (int32_t)count;
    grow_tree((void *)1);
    count = (1u << count) - 1;
  }
  print_number("did not run", count - ran);
  print_number("wrong ids", wrong_ids);
  return 0;
}
