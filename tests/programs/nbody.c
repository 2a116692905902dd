// Planets in double precision, and a matrix product and a low-pass filter in float: loops that an optimiser would love to reorder.
//
//: run
#include <math.h>
#include <stdio.h>
#include <string.h>

struct body { double x[3], v[3], mass; };

static double energy(const struct body *bodies, int count) {
  double out = 0;
  for (int i = 0; i < count; i++) {
    const struct body *a = &bodies[i];
    out += a->mass * (a->v[0] * a->v[0] + a->v[1] * a->v[1] + a->v[2] * a->v[2]) / 2;
    for (int j = i + 1; j < count; j++) {
      double square = 0;
      for (int d = 0; d < 3; d++) square += (a->x[d] - bodies[j].x[d]) * (a->x[d] - bodies[j].x[d]);
      out -= a->mass * bodies[j].mass / sqrt(square);
    }
  }
  return out;
}

static void step(struct body *bodies, int count, double dt) {
  for (int i = 0; i < count; i++)
    for (int j = i + 1; j < count; j++) {
      double delta[3], square = 0;
      for (int d = 0; d < 3; d++) delta[d] = bodies[i].x[d] - bodies[j].x[d], square += delta[d] * delta[d];
      double pull = dt / (square * sqrt(square));
      for (int d = 0; d < 3; d++) {
        bodies[i].v[d] -= delta[d] * bodies[j].mass * pull;
        bodies[j].v[d] += delta[d] * bodies[i].mass * pull;
      }
    }
  for (int i = 0; i < count; i++)
    for (int d = 0; d < 3; d++) bodies[i].x[d] += dt * bodies[i].v[d];
}

static float a[64][64], b[64][64], c[64][64];

int main(void) {
  struct body bodies[] = {{{0, 0, 0}, {0, 0, 0}, 40}, {{5, 1, -0.1}, {0.6, 2.8, -0.03}, 0.04}, {{8, 4, -0.4}, {-1, 1.8, 0.01}, 0.01},
                          {{13, -15, -0.2}, {1, 0.9, -0.01}, 0.002}, {{15, -26, 0.2}, {1, 0.6, -0.03}, 0.002}};
  printf("%.15g\n", energy(bodies, 5));
  for (int i = 0; i < 20000; i++) step(bodies, 5, 0.01);
  printf("%.15g\n%.15g %.15g %.15g\n", energy(bodies, 5), bodies[1].x[0], bodies[1].x[1], bodies[1].x[2]);
  for (int i = 0; i < 64; i++)
    for (int j = 0; j < 64; j++) a[i][j] = (float)(i * 7 + j) / 13, b[i][j] = (float)(i - j * 3) / 17;
  for (int i = 0; i < 64; i++)
    for (int j = 0; j < 64; j++)
      for (int n = 0; n < 64; n++) c[i][j] += a[i][n] * b[n][j];
  float trace = 0, filtered = 0;
  for (int i = 0; i < 64; i++) trace += c[i][i];
  for (int i = 0; i < 64 * 64; i++) filtered += ((&c[0][0])[i] - filtered) * 0.1f;
  printf("%.9g %.9g %.9g\n", trace, filtered, c[63][1]);
  return 0;
}
