// A byte-code interpreter with a stack and one big switch, running a program that counts Collatz steps: br_table, loads
// of bytes, a stack in memory.
#include "bench.h"

enum opcode {
  kPush,
  kLoad,
  kStore,
  kAdd,
  kSubtract,
  kMultiply,
  kHalve,
  kAnd,
  kLess,
  kJump,
  kJumpIfZero,
  kDuplicate,
  kSwap,
  kCall,
  kReturn,
  kHalt
};
enum variable { kLimit, kNumber, kSum, kSteps, kVariables };

struct instruction {
  uint8_t opcode, operand;  // a constant, a variable or the number of an instruction
};

// while (number < limit) sum += steps(number), number += 1;
// steps(n): for (steps = 0; !(n < 2); steps += 1) n = n & 1 ? 3 * n + 1 : n / 2; return steps;
static const struct instruction kCollatz[] = {
    /*  0 */ {kLoad, kNumber}, {kLoad, kLimit},  {kLess, 0},    {kJumpIfZero, 14},
    /*  4 */ {kLoad, kNumber}, {kCall, 15},      {kLoad, kSum}, {kAdd, 0},         {kStore, kSum},
    /*  9 */ {kLoad, kNumber}, {kPush, 1},       {kAdd, 0},     {kStore, kNumber}, {kJump, 0},
    /* 14 */ {kHalt, 0},
    /* 15 */ {kPush, 0},       {kStore, kSteps},
    /* 17 */ {kDuplicate, 0},  {kPush, 2},       {kLess, 0},    {kJumpIfZero, 25},
    /* 21 */ {kLoad, kSteps},  {kMultiply, 0},   {kReturn, 0},  {kHalt, 0},
    /* 25 */ {kLoad, kSteps},  {kPush, 1},       {kAdd, 0},     {kStore, kSteps},
    /* 29 */ {kDuplicate, 0},  {kPush, 1},       {kAnd, 0},     {kJumpIfZero, 38},
    /* 33 */ {kPush, 3},       {kMultiply, 0},   {kPush, 1},    {kAdd, 0},         {kJump, 17},
    /* 38 */ {kHalve, 0},      {kJump, 17},
};

// Returns the number of instructions executed.
static uint64_t run(const struct instruction *code, uint32_t *variables) {
  uint32_t stack[64], returns[16], *top = stack, *back = returns;
  uint64_t executed = 0;
  for (const struct instruction *pc = code;; executed++) {
    uint8_t operand = pc->operand;
    switch ((enum opcode)pc++->opcode) {
      case kPush:
        *++top = operand;
        break;
      case kLoad:
        *++top = variables[operand];
        break;
      case kStore:
        variables[operand] = *top--;
        break;
      case kAdd:
        top--;
        top[0] += top[1];
        break;
      case kSubtract:
        top--;
        top[0] -= top[1];
        break;
      case kMultiply:
        top--;
        top[0] *= top[1];
        break;
      case kHalve:
        *top >>= 1;
        break;
      case kAnd:
        top--;
        top[0] &= top[1];
        break;
      case kLess:
        top--;
        top[0] = top[0] < top[1];
        break;
      case kJump:
        pc = code + operand;
        break;
      case kJumpIfZero:
        if (!*top--) pc = code + operand;
        break;
      case kDuplicate:
        top[1] = top[0];
        top++;
        break;
      case kSwap: {
        uint32_t swapped = top[0];
        top[0] = top[-1];
        top[-1] = swapped;
        break;
      }
      case kCall:
        *back++ = (uint32_t)(pc - code);
        pc = code + operand;
        break;
      case kReturn:
        pc = code + *--back;
        break;
      case kHalt:
        return executed;
    }
  }
}

int main(int argc, char **argv) {
  uint32_t variables[kVariables] = {[kLimit] = size_argument(argc, argv, 60000), [kNumber] = 1};
  uint64_t executed = run(kCollatz, variables);
  return report(add_to_checksum(add_to_checksum(CHECKSUM_START, executed), variables[kSum]));
}
