// A ray tracer with shapes behind virtual functions: floating point, small structs by value, indirect calls with the
// same few targets.
#include <cmath>

#include "bench.h"

namespace {

struct Vector {
  double x, y, z;
  Vector operator+(Vector o) const { return {x + o.x, y + o.y, z + o.z}; }
  Vector operator-(Vector o) const { return {x - o.x, y - o.y, z - o.z}; }
  Vector operator*(double f) const { return {x * f, y * f, z * f}; }
  double dot(Vector o) const { return x * o.x + y * o.y + z * o.z; }
  Vector unit() const { return *this * (1 / std::sqrt(dot(*this))); }
};

struct Ray {
  Vector from, direction;
  Vector at(double t) const { return from + direction * t; }
};

constexpr double kNear = 1e-6, kFar = 1e9;

class Shape {
 public:
  virtual ~Shape() = default;
  virtual double hit(const Ray &ray) const = 0;  // distance, or kFar
  virtual Vector normal(Vector at) const = 0;
  virtual double shine() const { return 0.25; }
};

class Sphere final : public Shape {
 public:
  Sphere(Vector centre, double radius) : centre_(centre), radius_(radius) {}
  double hit(const Ray &ray) const override {
    Vector away = ray.from - centre_;
    double b = away.dot(ray.direction), square = b * b - away.dot(away) + radius_ * radius_;
    if (square < 0) return kFar;
    double root = std::sqrt(square);
    return -b - root > kNear ? -b - root : -b + root > kNear ? -b + root : kFar;
  }
  Vector normal(Vector at) const override { return (at - centre_) * (1 / radius_); }
  double shine() const override { return 0.5; }

 private:
  Vector centre_;
  double radius_;
};

class Plane final : public Shape {
 public:
  Plane(Vector up, double height) : up_(up), height_(height) {}
  double hit(const Ray &ray) const override {
    double slope = up_.dot(ray.direction);
    if (slope > -kNear) return kFar;
    double t = (height_ - up_.dot(ray.from)) / slope;
    return t > kNear ? t : kFar;
  }
  Vector normal(Vector) const override { return up_; }

 private:
  Vector up_;
  double height_;
};

class Disc final : public Shape {
 public:
  Disc(Vector centre, Vector up, double radius)
      : plane_(up, up.dot(centre)), centre_(centre), square_(radius * radius) {}
  double hit(const Ray &ray) const override {
    double t = plane_.hit(ray);
    if (t >= kFar) return kFar;
    Vector away = ray.at(t) - centre_;
    return away.dot(away) <= square_ ? t : kFar;
  }
  Vector normal(Vector at) const override { return plane_.normal(at); }

 private:
  Plane plane_;
  Vector centre_;
  double square_;
};

class Scene {
 public:
  static constexpr int32_t kMost = 32;
  void add(Shape *shape) { shapes_[count_++] = shape; }

  double trace(const Ray &ray, int32_t depth) const {
    double distance = kFar;
    const Shape *shape = nearest(ray, &distance);
    if (!shape) return 0.1 + 0.4 * (ray.direction.y > 0 ? ray.direction.y : 0);
    Vector at = ray.at(distance), normal = shape->normal(at);
    double light = normal.dot(light_), unused = kFar;
    if (light < 0 || nearest({at, light_}, &unused)) light = 0;
    if (depth == 0) return light;
    Vector mirrored = ray.direction - normal * (2 * normal.dot(ray.direction));
    return light * (1 - shape->shine()) + shape->shine() * trace({at, mirrored}, depth - 1);
  }

 private:
  const Shape *nearest(const Ray &ray, double *distance) const {
    const Shape *found = nullptr;
    for (int32_t i = 0; i < count_; i++) {
      double t = shapes_[i]->hit(ray);
      if (t < *distance) *distance = t, found = shapes_[i];
    }
    return found;
  }

  Shape *shapes_[kMost] = {};
  int32_t count_ = 0;
  Vector light_ = Vector{1, 2, -1}.unit();
};

}  // namespace

int main(int argc, char **argv) {
  uint32_t size = size_argument(argc, argv, 1500), state = 1;
  Scene scene;
  scene.add(new Plane({0, 1, 0}, -2));
  for (int32_t i = 0; i < 20; i++) {
    auto coordinate = [&] { return next_random(&state) % 1000 / 125.0 - 4; };
    double x = coordinate(), y = coordinate() / 2, z = coordinate() + 6;
    if (i % 4 == 3)
      scene.add(new Disc({x, y, z}, Vector{0.1, 1, -0.2}.unit(), 1.5));
    else
      scene.add(new Sphere({x, y, z}, 0.5 + i % 3 * 0.3));
  }
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t row = 0; row < size; row++)
    for (uint32_t column = 0; column < size; column++) {
      Ray ray{{0, 0, -5}, Vector{column * 2.0 / size - 1, 1 - row * 2.0 / size, 1.5}.unit()};
      checksum = add_to_checksum(checksum, uint64_t(scene.trace(ray, 4) * 65536));
    }
  return report(checksum);
}
