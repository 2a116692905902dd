#include <calc/variables.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct variables *variables, const char *name) {
  uint32_t hash = 2166136261u;
  for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
  size_t at = hash & (variables->capacity - 1);
  while (variables->slots[at].name[0] && strcmp(variables->slots[at].name, name)) at = (at + 1) & (variables->capacity - 1);
  return at;
}

static int grow(struct variables *variables) {
  struct variables larger = {NULL, variables->used, variables->capacity ? 2 * variables->capacity : 8};
  larger.slots = calloc(larger.capacity, sizeof *larger.slots);
  if (!larger.slots) return 0;
  for (size_t i = 0; i < variables->capacity; i++)
    if (variables->slots[i].name[0]) larger.slots[place_of(&larger, variables->slots[i].name)] = variables->slots[i];
  free(variables->slots);
  *variables = larger;
  return 1;
}

double *calc_variable(struct variables *variables, const char *name, int create) {
  if (create && 4 * (variables->used + 1) > 3 * variables->capacity && !grow(variables)) return NULL;
  if (!variables->capacity) return NULL;
  struct variable *slot = &variables->slots[place_of(variables, name)];
  if (!slot->name[0]) {
    if (!create) return NULL;
    strncpy(slot->name, name, sizeof slot->name - 1);
    variables->used++;
  }
  return &slot->value;
}

void calc_forget(struct variables *variables) {
  free(variables->slots);
  *variables = (struct variables){0};
}
