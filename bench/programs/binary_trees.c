// Many small allocations: trees are built, walked and freed. Measures the C library's malloc as much as the compiler.
#include "bench.h"

struct node {
  struct node *left, *right;
};

static struct node *build(uint32_t depth) {
  struct node *node = must_allocate(sizeof *node);
  node->left = depth ? build(depth - 1) : NULL;
  node->right = depth ? build(depth - 1) : NULL;
  return node;
}

static uint32_t count(const struct node *node) { return node->left ? 1 + count(node->left) + count(node->right) : 1; }

static void destroy(struct node *node) {
  if (node->left) destroy(node->left), destroy(node->right);
  free(node);
}

int main(int argc, char **argv) {
  uint32_t depth = size_argument(argc, argv, 18);
  uint64_t checksum = CHECKSUM_START;
  struct node *lasting = build(depth);
  for (uint32_t d = 4; d <= depth; d += 4)
    for (uint32_t i = 0; i < 4u << (depth - d); i++) {
      struct node *tree = build(d);
      checksum = add_to_checksum(checksum, count(tree));
      destroy(tree);
    }
  checksum = add_to_checksum(checksum, count(lasting));
  destroy(lasting);
  return report(checksum);
}
