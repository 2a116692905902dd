// A register machine whose instructions go to the next one by a computed goto, running a program that counts primes by trial division: what producers
// make of such a jump, and whether each instruction gets one of its own.
#include "bench.h"

enum opcode { kSet, kCopy, kAdd, kAddConstant, kSubtract, kMultiply, kRemainder, kAnd, kShiftRight, kNegate, kJump, kJumpIfZero, kJumpIfLess, kJumpIfMore, kLoad,
              kStore, kSwap, kHalt, kOpcodes };
enum registers { kLimit, kCandidate, kDivisor, kSquare, kRest, kCount, kSum, kRegisters };

struct instruction {
  uint8_t opcode, a, b, c;  // registers; c may be a constant or the number of an instruction
};

// for (candidate = 2; candidate < limit; candidate += 1) if (!has_divisor(candidate)) count += 1, and mix it into sum and memory[count & 255];
static const struct instruction kPrimes[] = {
    /*  0 */ {kSet, kCandidate, 0, 2}, {kSet, kCount, 0, 0}, {kSet, kSum, 0, 0},
    /*  3 */ {kJumpIfMore, kLimit, kCandidate, 5}, {kHalt, 0, 0, 0},
    /*  5 */ {kSet, kDivisor, 0, 2},
    /*  6 */ {kMultiply, kSquare, kDivisor, kDivisor}, {kJumpIfMore, kSquare, kCandidate, 13},
    /*  8 */ {kRemainder, kRest, kCandidate, kDivisor}, {kJumpIfZero, kRest, 0, 11}, {kJump, 0, 0, 24},
    /* 11 */ {kAddConstant, kCandidate, 0, 1}, {kJump, 0, 0, 3},
    /* 13 */ {kAddConstant, kCount, 0, 1}, {kLoad, kRest, kCount, 0}, {kAdd, kSum, kSum, kRest},
    /* 16 */ {kNegate, kSum, kSum, 0}, {kCopy, kRest, kSum, 0}, {kShiftRight, kRest, kRest, 3},
    /* 19 */ {kSubtract, kRest, kRest, kCandidate}, {kAnd, kRest, kRest, kSum}, {kStore, kRest, kCount, 0},
    /* 22 */ {kSwap, kRest, kSum, 0}, {kJump, 0, 0, 11},
    /* 24 */ {kAddConstant, kDivisor, 0, 1}, {kJumpIfLess, kDivisor, kCandidate, 6}, {kJump, 0, 0, 13},
};

static uint64_t run(const struct instruction *code, uint32_t limit) {
  static const void *const labels[kOpcodes] = {&&set, &&copy, &&add, &&add_constant, &&subtract, &&multiply, &&remainder, &&and, &&shift_right, &&negate, &&jump,
                                               &&jump_if_zero, &&jump_if_less, &&jump_if_more, &&load, &&store, &&swap, &&halt};
  static uint32_t memory[256];
  uint32_t r[kRegisters] = {limit}, value;
  const struct instruction *at = code;
#define NEXT goto *labels[(++at)->opcode]
#define GO(number) do { at = code + (number); goto *labels[at->opcode]; } while (0)
  goto *labels[at->opcode];
set: r[at->a] = at->c; NEXT;
copy: r[at->a] = r[at->b]; NEXT;
add: r[at->a] = r[at->b] + r[at->c]; NEXT;
add_constant: r[at->a] += at->c; NEXT;
subtract: r[at->a] = r[at->b] - r[at->c]; NEXT;
multiply: r[at->a] = r[at->b] * r[at->c]; NEXT;
remainder: r[at->a] = r[at->b] % r[at->c]; NEXT;
and: r[at->a] = r[at->b] & r[at->c]; NEXT;
shift_right: r[at->a] = r[at->b] >> at->c; NEXT;
negate: r[at->a] = 0 - r[at->b]; NEXT;
jump: GO(at->c);
jump_if_zero: if (!r[at->a]) GO(at->c); NEXT;
jump_if_less: if (r[at->a] < r[at->b]) GO(at->c); NEXT;
jump_if_more: if (r[at->a] > r[at->b]) GO(at->c); NEXT;
load: r[at->a] = memory[r[at->b] & 255]; NEXT;
store: memory[r[at->b] & 255] = r[at->a]; NEXT;
swap: value = r[at->a]; r[at->a] = r[at->b]; r[at->b] = value; NEXT;
halt: return ((uint64_t)r[kCount] << 32) | r[kSum];
}

int main(int argc, char **argv) { return report(add_to_checksum(CHECKSUM_START, run(kPrimes, size_argument(argc, argv, 1000000)))); }
