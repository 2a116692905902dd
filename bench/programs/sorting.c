// Quicksort, merge sort and heapsort of integers: compares that no predictor knows, moves, index arithmetic.
#include "bench.h"

static void insertion_sort(int32_t *values, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    int32_t value = values[i];
    uint32_t j = i;
    for (; j > 0 && values[j - 1] > value; j--) values[j] = values[j - 1];
    values[j] = value;
  }
}

static void swap(int32_t *a, int32_t *b) {
  int32_t kept = *a;
  *a = *b;
  *b = kept;
}

static void quick_sort(int32_t *values, uint32_t count) {
  while (count > 16) {
    int32_t pivot = values[count / 2];
    uint32_t low = 0, high = count - 1;
    for (;; low++, high--) {
      while (values[low] < pivot) low++;
      while (values[high] > pivot) high--;
      if (low >= high) break;
      swap(&values[low], &values[high]);
    }
    quick_sort(values, low);
    values += low;
    count -= low;
  }
  insertion_sort(values, count);
}

static void merge_sort(int32_t *values, int32_t *scratch, uint32_t count) {
  if (count <= 16) {
    insertion_sort(values, count);
    return;
  }
  uint32_t half = count / 2, left = 0, right = half, to = 0;
  merge_sort(values, scratch, half);
  merge_sort(values + half, scratch, count - half);
  memcpy(scratch, values, half * sizeof *values);
  while (left < half && right < count) values[to++] = values[right] < scratch[left] ? values[right++] : scratch[left++];
  while (left < half) values[to++] = scratch[left++];
}

static void sift_down(int32_t *values, uint32_t from, uint32_t count) {
  int32_t value = values[from];
  for (uint32_t child; (child = 2 * from + 1) < count; from = child) {
    if (child + 1 < count && values[child + 1] > values[child]) child++;
    if (values[child] <= value) break;
    values[from] = values[child];
  }
  values[from] = value;
}

static void heap_sort(int32_t *values, uint32_t count) {
  for (uint32_t i = count / 2; i > 0; i--) sift_down(values, i - 1, count);
  for (uint32_t end = count - 1; end > 0; end--) {
    swap(&values[0], &values[end]);
    sift_down(values, 0, end);
  }
}

static uint64_t digest(const int32_t *values, uint32_t count) {
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t i = 0; i < count; i++) checksum = add_to_checksum(checksum, (uint32_t)values[i]);
  return checksum;
}

int main(int argc, char **argv) {
  uint32_t count = size_argument(argc, argv, 1000000), state = 1;
  int32_t *original = must_allocate(count * sizeof *original), *values = must_allocate(count * sizeof *values),
          *scratch = must_allocate(count * sizeof *scratch);
  for (uint32_t i = 0; i < count; i++) original[i] = (int32_t)next_random(&state);
  uint64_t checksum = CHECKSUM_START;
  for (int32_t which = 0; which < 3; which++) {
    memcpy(values, original, count * sizeof *values);
    if (which == 0) quick_sort(values, count);
    if (which == 1) merge_sort(values, scratch, count);
    if (which == 2) heap_sort(values, count);
    checksum = add_to_checksum(checksum, digest(values, count));
  }
  return report(checksum);
}
