// Sorts a file of 32-bit unsigned little-endian numbers: `sorter bubble|merge|quick IN OUT` reads IN, sorts it in memory,
// writes OUT. Any size from one number to what the memory holds (500 MB of input: quick needs 500 MB, merge the double).
// `sorter make BYTES FILE` writes random numbers to sort, `sorter check IN OUT` tells whether OUT is IN, sorted.
//
//: run make 1024 in.bin
//: then bubble in.bin out.bin
//: then check in.bin out.bin
//: run make 1048576 in.bin
//: then merge in.bin out.bin
//: then check in.bin out.bin
//: run make 4000000 in.bin
//: then quick in.bin out.bin
//: then check in.bin out.bin
//: run make 4 in.bin
//: then quick in.bin out.bin
//: run quick missing.bin out.bin
//: exit 1
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct numbers {
  uint32_t *at;
  size_t count;
};

static void die(const char *what, const char *file) {
  printf("sorter: cannot %s %s\n", what, file);
  exit(1);
}

static struct numbers read_numbers(const char *file) {
  FILE *in = fopen(file, "rb");
  if (!in || fseek(in, 0, SEEK_END) != 0) die("open", file);
  struct numbers out = {NULL, (size_t)ftell(in) / sizeof(uint32_t)};
  rewind(in);
  out.at = malloc(out.count * sizeof(uint32_t));
  if (!out.at) die("find memory for", file);
  if (fread(out.at, sizeof(uint32_t), out.count, in) != out.count) die("read", file);
  fclose(in);
  return out;
}

static void write_numbers(const char *file, struct numbers numbers) {
  FILE *out = fopen(file, "wb");
  if (!out) die("create", file);
  if (fwrite(numbers.at, sizeof(uint32_t), numbers.count, out) != numbers.count || fclose(out) != 0) die("write", file);
}

static void swap(uint32_t *a, uint32_t *b) {
  uint32_t saved = *a;
  *a = *b;
  *b = saved;
}

static void bubble_sort(uint32_t *at, size_t count) {
  for (size_t end = count; end > 1;) {
    size_t last_swap = 0;
    for (size_t i = 1; i < end; i++) {
      if (at[i - 1] <= at[i]) continue;
      swap(&at[i - 1], &at[i]);
      last_swap = i;
    }
    end = last_swap;
  }
}

static void merge(const uint32_t *from, uint32_t *to, size_t begin, size_t middle, size_t end) {
  size_t left = begin, right = middle;
  for (size_t i = begin; i < end; i++) to[i] = left < middle && (right >= end || from[left] <= from[right]) ? from[left++] : from[right++];
}

static void merge_sort(uint32_t *at, size_t count) {
  uint32_t *other = malloc(count * sizeof(uint32_t));
  if (!other) die("find memory for", "the merge");
  uint32_t *from = at, *to = other;
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t begin = 0; begin < count; begin += 2 * width) {
      size_t middle = begin + width < count ? begin + width : count;
      size_t end = begin + 2 * width < count ? begin + 2 * width : count;
      merge(from, to, begin, middle, end);
    }
    uint32_t *saved = from;
    from = to;
    to = saved;
  }
  if (from != at) memcpy(at, from, count * sizeof(uint32_t));
  free(other);
}

static void quick_sort(uint32_t *at, size_t count) {
  while (count > 16) {
    uint32_t pivot = at[count / 2];
    size_t left = 0, right = count - 1;
    for (;; left++, right--) {
      while (at[left] < pivot) left++;
      while (at[right] > pivot) right--;
      if (left >= right) break;
      swap(&at[left], &at[right]);
    }
    // The smaller part by recursion, so that the stack stays shallow.
    if (left < count - left) {
      quick_sort(at, left);
      at += left;
      count -= left;
    } else {
      quick_sort(at + left, count - left);
      count = left;
    }
  }
  for (size_t i = 1; i < count; i++)
    for (size_t j = i; j > 0 && at[j - 1] > at[j]; j--) swap(&at[j - 1], &at[j]);
}

static void make(size_t bytes, const char *file) {
  struct numbers numbers = {malloc(bytes), bytes / sizeof(uint32_t)};
  if (!numbers.at) die("find memory for", file);
  uint64_t state = 88172645463325252u;  // xorshift64
  for (size_t i = 0; i < numbers.count; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    numbers.at[i] = (uint32_t)(state >> 16);
  }
  write_numbers(file, numbers);
}

static void check(const char *in_file, const char *out_file) {
  struct numbers in = read_numbers(in_file), out = read_numbers(out_file);
  uint64_t in_sum = 0, out_sum = 0;
  size_t unsorted = 0;
  for (size_t i = 0; i < in.count; i++) in_sum += (uint64_t)in.at[i] * in.at[i];
  for (size_t i = 0; i < out.count; i++) out_sum += (uint64_t)out.at[i] * out.at[i], unsorted += i > 0 && out.at[i - 1] > out.at[i];
  printf("%zu numbers, %zu out of order, %s\n", out.count, unsorted,
         in.count == out.count && in_sum == out_sum ? "the same numbers" : "other numbers");
}

int main(int argc, char **argv) {
  if (argc != 4) {
    puts("usage: sorter bubble|merge|quick IN OUT, sorter make BYTES FILE, sorter check IN OUT");
    return 2;
  }
  const char *how = argv[1];
  if (!strcmp(how, "make")) return make(strtoul(argv[2], NULL, 10), argv[3]), 0;
  if (!strcmp(how, "check")) return check(argv[2], argv[3]), 0;
  void (*sort)(uint32_t *, size_t) = !strcmp(how, "bubble") ? bubble_sort : !strcmp(how, "merge") ? merge_sort : quick_sort;
  struct numbers numbers = read_numbers(argv[2]);
  sort(numbers.at, numbers.count);
  write_numbers(argv[3], numbers);
  printf("%s sort of %zu numbers\n", how, numbers.count);
  return 0;
}
