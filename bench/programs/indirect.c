// Indirect calls through a table of functions, in an order that no predictor of one target can learn.
#include "bench.h"

typedef uint32_t step_function(uint32_t value, uint32_t operand);

static uint32_t add(uint32_t value, uint32_t operand) { return value + operand; }
static uint32_t subtract(uint32_t value, uint32_t operand) { return value - operand; }
static uint32_t exclusive_or(uint32_t value, uint32_t operand) { return value ^ operand; }
static uint32_t multiply(uint32_t value, uint32_t operand) { return value * (operand | 1); }
static uint32_t rotate(uint32_t value, uint32_t operand) { return value << (operand & 31) | value >> (-operand & 31); }
static uint32_t average(uint32_t value, uint32_t operand) { return (value >> 1) + (operand >> 1); }
static uint32_t negate(uint32_t value, uint32_t operand) { return operand - value; }
static uint32_t shift(uint32_t value, uint32_t operand) { return value ^ value >> (operand & 15); }

static step_function *const kSteps[8] = {add, subtract, exclusive_or, multiply, rotate, average, negate, shift};

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 12), state = 1, value = 1;
  enum { kLength = 1 << 12 };
  static uint8_t program[kLength];
  for (uint32_t i = 0; i < kLength; i++) program[i] = next_random(&state) >> 8 & 7;
  for (uint32_t round = 0; round < rounds * 1000; round++)
    for (uint32_t i = 0; i < kLength; i++) value = kSteps[program[i]](value, i + round);
  return report(add_to_checksum(CHECKSUM_START, value));
}
