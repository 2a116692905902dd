// Chess on 6 by 6 squares, without bishops, played against itself: moves generated on a board with a border, alpha-beta with iterative
// deepening, captures searched to their end, a transposition table. Who takes the king has won.
#include "bench.h"

enum piece { kNone, kPawn, kKnight, kRook, kQueen, kKing, kBorder, kBlack = 8, kKind = 7 };
enum { kSide = 6, kStride = 8, kFirst = 2 * kStride + 1, kSquares = 10 * kStride, kMaxMoves = 128, kWon = 10000, kMaxDepth = 32 };
enum { kEntries = 1 << 18, kExact = 0, kAtLeast = 1, kAtMost = 2 };

struct move {
  uint8_t from, to, taken, becomes;
};

struct entry {
  uint64_t key;
  struct move best;
  int16_t score;
  uint8_t depth, bound;
};

static uint8_t board[kSquares];
static uint8_t to_move;  // 0 or kBlack
static int32_t material;  // and place, for white
static uint64_t key;
static uint64_t keys[16][kSquares];
static int16_t places[16][kSquares];
static struct entry *table;
static uint64_t visited;

static const int8_t kKnightSteps[] = {-17, -15, -10, -6, 6, 10, 15, 17, 0};
static const int8_t kLines[] = {-8, -1, 1, 8, 0}, kAround[] = {-9, -8, -7, -1, 1, 7, 8, 9, 0};
static const int16_t kWorth[] = {0, 100, 300, 500, 900, kWon, 0};

static int32_t is_enemy(uint8_t piece) { return piece != kNone && piece != kBorder && (piece & kBlack) != to_move; }

static void place(uint32_t square, uint8_t piece) {
  uint8_t before = board[square];
  key ^= keys[before][square] ^ keys[piece][square];
  material += places[piece][square] - places[before][square];
  board[square] = piece;
}

static void fill_tables(void) {
  uint32_t state = 2463534242u;
  for (uint32_t piece = 1; piece < 16; piece++)
    for (uint32_t square = 0; square < kSquares; square++) {
      keys[piece][square] = (uint64_t)next_random(&state) << 32 | next_random(&state);
      if ((piece & kKind) == kNone || (piece & kKind) == kBorder || piece == kBorder) continue;
      int32_t x = (int32_t)(square % kStride), y = (int32_t)(square / kStride), forward = piece & kBlack ? 7 - y : y - 2;
      int32_t middle = 6 - (x < 4 ? 4 - x : x - 3) - (y < 5 ? 5 - y : y - 4);
      int32_t worth = kWorth[piece & kKind] + ((piece & kKind) == kPawn ? 6 * forward : 3 * middle);
      places[piece][square] = (int16_t)(piece & kBlack ? -worth : worth);
    }
}

static void set_up(void) {
  static const uint8_t kBack[kSide] = {kRook, kKnight, kQueen, kKing, kKnight, kRook};
  memset(board, kBorder, sizeof board);
  key = 0, material = 0, to_move = 0;
  for (uint32_t y = 0; y < kSide; y++)
    for (uint32_t x = 0; x < kSide; x++) board[kFirst + y * kStride + x] = kNone;
  for (uint32_t x = 0; x < kSide; x++) {
    place(kFirst + x, kBack[x]);
    place(kFirst + kStride + x, kPawn);
    place(kFirst + 4 * kStride + x, kPawn | kBlack);
    place(kFirst + 5 * kStride + x, kBack[x] | kBlack);
  }
}

static struct move *add(struct move *to, uint32_t from, uint32_t square, uint8_t becomes) {
  *to = (struct move){(uint8_t)from, (uint8_t)square, board[square], becomes};
  return to + 1;
}

static struct move *pawn_moves(struct move *to, uint32_t from, int32_t only_captures) {
  uint32_t ahead = to_move ? from - kStride : from + kStride;
  uint32_t last = to_move ? 2 : 7;
  uint8_t becomes = (uint8_t)((ahead / kStride == last ? kQueen : kPawn) | to_move);
  if (board[ahead] == kNone && (!only_captures || ahead / kStride == last)) to = add(to, from, ahead, becomes);
  if (is_enemy(board[ahead - 1])) to = add(to, from, ahead - 1, becomes);
  if (is_enemy(board[ahead + 1])) to = add(to, from, ahead + 1, becomes);
  return to;
}

static struct move *steps(struct move *to, uint32_t from, const int8_t *step, int32_t slides, int32_t only_captures) {
  for (; *step; step++)
    for (uint32_t square = from + (uint32_t)*step;; square += (uint32_t)*step) {
      if (board[square] != kNone) {
        if (is_enemy(board[square])) to = add(to, from, square, board[from]);
        break;
      }
      if (!only_captures) to = add(to, from, square, board[from]);
      if (!slides) break;
    }
  return to;
}

static uint32_t generate(struct move *moves, int32_t only_captures) {
  struct move *to = moves;
  for (uint32_t y = 0; y < kSide; y++)
    for (uint32_t from = kFirst + y * kStride; from < kFirst + y * kStride + kSide; from++) {
      if (board[from] == kNone || (board[from] & kBlack) != to_move) continue;
      switch (board[from] & kKind) {
        case kPawn: to = pawn_moves(to, from, only_captures); break;
        case kKnight: to = steps(to, from, kKnightSteps, 0, only_captures); break;
        case kRook: to = steps(to, from, kLines, 1, only_captures); break;
        case kQueen: to = steps(to, from, kAround, 1, only_captures); break;
        default: to = steps(to, from, kAround, 0, only_captures); break;
      }
    }
  return (uint32_t)(to - moves);
}

static uint8_t make(struct move move) {
  uint8_t moved = board[move.from];
  place(move.from, kNone);
  place(move.to, move.becomes);
  to_move ^= kBlack;
  return moved;
}

static void unmake(struct move move, uint8_t moved) {
  to_move ^= kBlack;
  place(move.to, move.taken);
  place(move.from, moved);
}

static int32_t same(struct move a, struct move b) { return a.from == b.from && a.to == b.to; }

// The most promising move from `at` on comes to `at`: what the table knows, then the largest gain by the least piece.
static void choose(struct move *moves, uint32_t at, uint32_t count, struct move known) {
  int32_t best = -1;
  uint32_t found = at;
  for (uint32_t i = at; i < count; i++) {
    int32_t promise = 0;
    if (moves[i].taken) promise = kWon + 16 * kWorth[moves[i].taken & kKind] - kWorth[board[moves[i].from] & kKind];
    if (same(moves[i], known)) promise = 1 << 20;
    if (promise > best) best = promise, found = i;
  }
  struct move move = moves[found];
  moves[found] = moves[at];
  moves[at] = move;
}

static int32_t settle(int32_t alpha, int32_t beta) {
  int32_t stand = to_move ? -material : material;
  visited++;
  if (stand >= beta) return stand;
  if (stand > alpha) alpha = stand;
  struct move moves[kMaxMoves];
  uint32_t count = generate(moves, 1);
  for (uint32_t i = 0; i < count; i++) {
    choose(moves, i, count, (struct move){0, 0, 0, 0});
    if ((moves[i].taken & kKind) == kKing) return kWon;
    uint8_t moved = make(moves[i]);
    int32_t score = -settle(-beta, -alpha);
    unmake(moves[i], moved);
    if (score >= beta) return score;
    if (score > alpha) alpha = score;
  }
  return alpha;
}

static int32_t search(int32_t depth, int32_t alpha, int32_t beta, struct move *answer) {
  if (depth == 0) return settle(alpha, beta);
  visited++;
  uint64_t here = key ^ (to_move ? 0x9e3779b97f4a7c15u : 0);
  struct entry *entry = &table[here % kEntries];
  struct move best = {0, 0, 0, 0};
  if (entry->key == here) {
    best = entry->best;
    int32_t is_enough = entry->bound == kAtLeast ? entry->score >= beta : entry->bound == kAtMost ? entry->score <= alpha : 1;
    if (!answer && entry->depth >= depth && is_enough) return entry->score;
  }
  struct move moves[kMaxMoves];
  uint32_t count = generate(moves, 0);
  int32_t least = alpha, highest = -kWon - 1;
  for (uint32_t i = 0; i < count && highest < beta; i++) {
    choose(moves, i, count, best);
    int32_t score = kWon;
    if ((moves[i].taken & kKind) != kKing) {
      uint8_t moved = make(moves[i]);
      score = -search(depth - 1, -beta, -(alpha > highest ? alpha : highest), NULL);
      unmake(moves[i], moved);
    }
    if (score <= highest) continue;
    highest = score;
    best = moves[i];
  }
  if (count == 0) return 0;
  uint8_t bound = highest >= beta ? kAtLeast : highest > least ? kExact : kAtMost;
  *entry = (struct entry){here, best, (int16_t)highest, (uint8_t)depth, bound};
  if (answer) *answer = best;
  return highest;
}

int main(int argc, char **argv) {
  uint32_t deepest = size_argument(argc, argv, 7);
  if (deepest > kMaxDepth) deepest = kMaxDepth;
  table = must_allocate(sizeof(struct entry) * kEntries);
  memset(table, 0, sizeof(struct entry) * kEntries);
  fill_tables();
  set_up();
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t ply = 0; ply < 12; ply++) {
    struct move move = {0, 0, 0, 0};
    int32_t score = 0;
    for (uint32_t depth = 1; depth <= deepest; depth++) score = search((int32_t)depth, -kWon - 1, kWon + 1, &move);
    checksum = add_to_checksum(checksum, (uint64_t)move.from << 8 | move.to);
    checksum = add_to_checksum(checksum, (uint64_t)(int64_t)score);
    if ((move.taken & kKind) == kKing || move.from == 0) break;
    make(move);
  }
  return report(add_to_checksum(checksum, visited));
}
