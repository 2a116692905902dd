// An open-addressing hash table under load: insert, look up, delete with backward shifts, growth. Misses the cache on
// purpose.
#include "bench.h"

struct slot {
  uint32_t key, value;  // key 0 is an empty slot
};
struct table {
  struct slot *slots;
  uint32_t mask, used;
};

static uint32_t home(uint32_t key) { return (uint32_t)((uint64_t)key * 0x9e3779b97f4a7c15u >> 32); }

static struct slot *find(const struct table *table, uint32_t key) {
  uint32_t at = home(key) & table->mask;
  while (table->slots[at].key != key && table->slots[at].key != 0) at = (at + 1) & table->mask;
  return &table->slots[at];
}

static void allocate(struct table *table, uint32_t capacity) {
  table->slots = must_allocate(capacity * sizeof *table->slots);
  memset(table->slots, 0, capacity * sizeof *table->slots);
  table->mask = capacity - 1;
}

static void grow(struct table *table) {
  struct table old = *table;
  allocate(table, 2 * (old.mask + 1));
  for (uint32_t i = 0; i <= old.mask; i++)
    if (old.slots[i].key) *find(table, old.slots[i].key) = old.slots[i];
  free(old.slots);
}

static void add(struct table *table, uint32_t key, uint32_t value) {
  struct slot *slot = find(table, key);
  if (slot->key) {
    slot->value += value;
    return;
  }
  *slot = (struct slot){key, value};
  if (++table->used * 4 > table->mask * 3) grow(table);
}

static int erase(struct table *table, uint32_t key) {
  struct slot *slot = find(table, key);
  if (!slot->key) return 0;
  uint32_t hole = (uint32_t)(slot - table->slots);
  for (uint32_t at = (hole + 1) & table->mask; table->slots[at].key; at = (at + 1) & table->mask) {
    uint32_t distance = (at - home(table->slots[at].key)) & table->mask;
    if (distance < ((at - hole) & table->mask)) continue;
    table->slots[hole] = table->slots[at];
    hole = at;
  }
  table->slots[hole].key = 0;
  table->used--;
  return 1;
}

int main(int argc, char **argv) {
  uint32_t operations = size_argument(argc, argv, 12000000), state = 1, hits = 0;
  struct table table = {0};
  allocate(&table, 16);
  for (uint32_t i = 0; i < operations; i++) {
    uint32_t random = next_random(&state), key = random % 1000000 + 1;
    if (random >> 30 == 0)
      hits += (uint32_t)erase(&table, key);
    else if (random >> 30 == 1)
      hits += find(&table, key)->value & 1;
    else
      add(&table, key, i);
  }
  uint64_t checksum = add_to_checksum(add_to_checksum(CHECKSUM_START, hits), table.used);
  for (uint32_t key = 1; key <= 1000000; key += 37)
    checksum = add_to_checksum(checksum, find(&table, key)->key ? find(&table, key)->value : 0);
  return report(checksum);
}
