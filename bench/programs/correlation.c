// The correlation matrix of columns: sums down the rows of a matrix, then products of pairs of columns.
#include <math.h>

#include "bench.h"

enum { kColumns = 300, kRows = 360 };
static double data[kRows][kColumns], means[kColumns], deviations[kColumns], products[kColumns][kColumns];

static void standardise(void) {
  memset(means, 0, sizeof means);
  memset(deviations, 0, sizeof deviations);
  for (int32_t i = 0; i < kRows; i++)
    for (int32_t j = 0; j < kColumns; j++) means[j] += data[i][j];
  for (int32_t j = 0; j < kColumns; j++) means[j] /= kRows;
  for (int32_t i = 0; i < kRows; i++)
    for (int32_t j = 0; j < kColumns; j++) deviations[j] += (data[i][j] - means[j]) * (data[i][j] - means[j]);
  for (int32_t j = 0; j < kColumns; j++) deviations[j] = sqrt(deviations[j] / kRows) * sqrt((double)kRows);
  for (int32_t i = 0; i < kRows; i++)
    for (int32_t j = 0; j < kColumns; j++) data[i][j] = (data[i][j] - means[j]) / deviations[j];
}

static void correlate(void) {
  memset(products, 0, sizeof products);
  for (int32_t a = 0; a < kColumns; a++)
    for (int32_t i = 0; i < kRows; i++)
      for (int32_t b = a; b < kColumns; b++) products[a][b] += data[i][a] * data[i][b];
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 25), state = 1;
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int32_t i = 0; i < kRows; i++)
      for (int32_t j = 0; j < kColumns; j++) data[i][j] = next_random(&state) % 1000 / 100.0;
    standardise();
    correlate();
    for (int32_t j = 1; j < kColumns; j++) checksum = add_double(checksum, products[j - 1][j]);
  }
  return report(checksum);
}
