// The n queens puzzle twice: by bit masks, and by arrays of what is attacked.
#include "bench.h"

static uint32_t by_masks(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == all) return 1;
  uint32_t count = 0;
  for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
    uint32_t place = free & -free;
    count += by_masks(all, columns | place, (left | place) << 1, (right | place) >> 1);
  }
  return count;
}

struct board {
  int32_t size;
  uint8_t column[32], rising[64], falling[64];
};

static uint32_t by_arrays(struct board *board, int32_t row) {
  if (row == board->size) return 1;
  uint32_t count = 0;
  for (int32_t x = 0; x < board->size; x++) {
    uint8_t *rising = &board->rising[row + x], *falling = &board->falling[row - x + board->size];
    if (board->column[x] || *rising || *falling) continue;
    board->column[x] = *rising = *falling = 1;
    count += by_arrays(board, row + 1);
    board->column[x] = *rising = *falling = 0;
  }
  return count;
}

int main(int argc, char **argv) {
  uint32_t size = size_argument(argc, argv, 13);
  if (size > 16) size = 16;
  uint64_t checksum = add_to_checksum(CHECKSUM_START, by_masks((1u << size) - 1, 0, 0, 0));
  struct board board = {.size = (int32_t)size - 1};
  return report(add_to_checksum(checksum, by_arrays(&board, 0)));
}
