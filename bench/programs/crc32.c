// CRC-32 a byte at a time with one table, and eight bytes at a time with eight tables: loads that depend on loads.
#include "bench.h"

static uint32_t tables[8][256];

static void fill_tables(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int32_t bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    tables[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int32_t t = 1; t < 8; t++) tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 255];
}

static uint32_t by_bytes(uint32_t crc, const uint8_t *data, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) crc = crc >> 8 ^ tables[0][(crc ^ data[i]) & 255];
  return crc;
}

static uint32_t by_eights(uint32_t crc, const uint8_t *data, uint32_t length) {
  for (uint32_t i = 0; i < length; i += 8) {
    uint32_t low, high;
    memcpy(&low, data + i, 4);
    memcpy(&high, data + i + 4, 4);
    low ^= crc;
    crc = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^ tables[4][low >> 24] ^
          tables[3][high & 255] ^ tables[2][high >> 8 & 255] ^ tables[1][high >> 16 & 255] ^ tables[0][high >> 24];
  }
  return crc;
}

int main(int argc, char **argv) {
  uint32_t megabytes = size_argument(argc, argv, 200), length = 1 << 20, state = 1, crc = 0;
  uint8_t *data = must_allocate(length);
  fill_tables();
  for (uint32_t i = 0; i < length; i++) data[i] = (uint8_t)next_random(&state);
  for (uint32_t i = 0; i < megabytes; i++) crc = by_eights(by_bytes(crc, data, length / 2), data, length);
  return report(add_to_checksum(CHECKSUM_START, crc));
}
