// Producers and consumers with a short queue between them, so that both kinds wait: each item must come out once, and those of one
// producer in their order.
//
//: run 1 1
//: run 3 4
//: run 8 2
//: no-dir
#include "thread.h"

enum { ITEMS = 5000, ROOM = 4, MAX_PRODUCERS = 8 };

struct item {
  uint32_t producer, number;
};

static struct mutex mutex;
static struct condition changed;
static struct item items[ROOM];
static uint32_t head, count, producing;
static uint8_t seen[MAX_PRODUCERS][ITEMS];
static _Atomic uint32_t out_of_order;

static void produce(void *argument) {
  for (uint32_t i = 0; i < ITEMS; i++) {
    lock(&mutex);
    while (count == ROOM) wait_for_change(&changed, &mutex);
    items[(head + count++) % ROOM] = (struct item){(uint32_t)(uintptr_t)argument, i};
    tell(&changed);
    unlock(&mutex);
  }
  lock(&mutex);
  producing--;
  tell(&changed);
  unlock(&mutex);
}

static void consume(void *argument) {
  uint32_t next[MAX_PRODUCERS] = {0};
  lock(&mutex);
  while (true) {
    while (count == 0 && producing) wait_for_change(&changed, &mutex);
    if (count == 0) break;
    struct item item = items[head];
    head = (head + 1) % ROOM;
    count--;
    seen[item.producer][item.number]++;
    tell(&changed);
    unlock(&mutex);
    if (item.number < next[item.producer]) out_of_order++;
    next[item.producer] = item.number + 1;
    lock(&mutex);
  }
  unlock(&mutex);
}

static int run(int argc, char **argv) {
  uint32_t producers = number_of(argv[1]), consumers = number_of(argv[2]), once = 0;
  producing = producers;
  for (uint32_t i = 0; i < producers + consumers; i++)
    if (start(i, i < producers ? produce : consume, (void *)(uintptr_t)i) < 0) return 1;
  join_all(producers + consumers);
  for (uint32_t i = 0; i < producers; i++)
    for (uint32_t j = 0; j < ITEMS; j++) once += seen[i][j] == 1;
  print_number("missing or twice", producers * ITEMS - once);
  print_number("out of order", out_of_order);
  print_number("left", count);
  return 0;
}
