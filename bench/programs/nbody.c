// Five bodies under gravity: double precision with square roots and divisions, all data in a few cache lines.
#include <math.h>

#include "bench.h"

struct body {
  double x, y, z, vx, vy, vz, mass;
};

enum { kBodies = 5 };

static void advance(struct body *bodies, double dt) {
  for (int32_t i = 0; i < kBodies; i++) {
    struct body *a = &bodies[i];
    for (int32_t j = i + 1; j < kBodies; j++) {
      struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz;
      double magnitude = dt / (square * sqrt(square));
      a->vx -= dx * b->mass * magnitude;
      a->vy -= dy * b->mass * magnitude;
      a->vz -= dz * b->mass * magnitude;
      b->vx += dx * a->mass * magnitude;
      b->vy += dy * a->mass * magnitude;
      b->vz += dz * a->mass * magnitude;
    }
  }
  for (int32_t i = 0; i < kBodies; i++) {
    bodies[i].x += dt * bodies[i].vx;
    bodies[i].y += dt * bodies[i].vy;
    bodies[i].z += dt * bodies[i].vz;
  }
}

static double energy(const struct body *bodies) {
  double sum = 0;
  for (int32_t i = 0; i < kBodies; i++) {
    const struct body *a = &bodies[i];
    sum += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int32_t j = i + 1; j < kBodies; j++) {
      const struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      sum -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

int main(int argc, char **argv) {
  uint32_t steps = size_argument(argc, argv, 6000000);
  struct body bodies[kBodies] = {
      {0, 0, 0, 0, 0, 0, 39.5},
      {4.8, -1.2, -0.1, 0.6, 2.8, -0.02, 0.038},
      {8.3, 4.1, -0.4, -1.0, 1.8, 0.008, 0.011},
      {12.9, -15.1, -0.2, 1.1, 0.9, -0.01, 0.0017},
      {15.4, -25.9, 0.2, 1.0, 0.6, -0.03, 0.002},
  };
  for (uint32_t i = 0; i < steps; i++) advance(bodies, 0.001);
  return report(add_double(CHECKSUM_START, energy(bodies)));
}
