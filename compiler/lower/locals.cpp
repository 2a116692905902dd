#include "lower/locals.h"

#include <llvm/IR/Constants.h>

#include <algorithm>
#include <bit>
#include <cassert>

#include "wasm/validate_all.h"

namespace wasmc::lower {
namespace {

/// A sink that notes sets and loops.
struct NoteSets : wasm::IgnoreAll {
  struct Set {
    wasm::LocalIndex local;
    uint32_t offset;
  };
  static constexpr size_t kNoLoop = ~size_t{0};

  void begin(const wasm::FuncType &, std::span<const wasm::ValType> types) { locals = types.size(); }
  void at(uint64_t offset) { current = uint32_t(offset); }
  void local(const wasm::OpInfo &op, const wasm::LocalImm &imm) {
    if (op.arg != wasm::Arg::Get) sets.push_back({imm.local, current});
  }
  void block(const wasm::OpInfo &, const wasm::BlockImm &) { open.push_back(kNoLoop); }
  void if_(const wasm::OpInfo &, const wasm::BlockImm &) { open.push_back(kNoLoop); }
  void loop(const wasm::OpInfo &, const wasm::BlockImm &) {
    open.push_back(loop_ends.size());
    loop_ends.push_back(0);
  }
  void end(const wasm::OpInfo &, const wasm::NoImm &) {
    if (open.empty()) return;  // the function's own
    if (open.back() != kNoLoop) loop_ends[open.back()] = current;
    open.pop_back();
  }

  size_t locals = 0;
  std::vector<Set> sets;
  std::vector<uint32_t> loop_ends;

 private:
  uint32_t current = 0;
  std::vector<size_t> open;
};

}  // namespace

Result<LocalSets> find_local_sets(const wasm::Module &module, wasm::FuncIndex func) {
  NoteSets notes;
  TRY(wasm::validate_function(module, func, notes));
  LocalSets out{.sets = std::vector<LocalSets::Set>(notes.sets.size()), .first = std::vector<uint32_t>(notes.locals + 1), .loop_ends = std::move(notes.loop_ends)};
  for (const NoteSets::Set &set : notes.sets) ++out.first[raw(set.local) + 1];
  for (size_t i = 1; i < out.first.size(); ++i) out.first[i] += out.first[i - 1];
  std::vector<uint32_t> next(out.first);
  for (const NoteSets::Set &set : notes.sets) out.sets[next[raw(set.local)]++].offset = set.offset;
  return out;
}

Locals::Locals(LocalSets sets, std::vector<llvm::Type *> types, Initial initial)
    : sets_(std::move(sets)),
      types_(std::move(types)),
      make_initial_(std::move(initial)),
      stretches_{{.kind = Point::Kind::Start, .begin = 0}},
      known_(types_.size()),
      next_set_(sets_.first),
      initial_(types_.size()) {}

llvm::Value *Locals::get(wasm::LocalIndex local, uint32_t offset) {
  Known &known = known_[raw(local)];
  const Place place = here(offset);
  if (!known.value || known.stretch != place.stretch) known = {value_at(local, place), place.stretch};
  return known.value;
}

void Locals::set(wasm::LocalIndex local, llvm::Value *value) {
  sets_.sets[next_set_[raw(local)]++].value = value;
  known_[raw(local)] = {value, Stretch(stretches_.size() - 1)};
}

void Locals::begin_dead(uint32_t offset) { stretches_.push_back({.kind = Point::Kind::Dead, .begin = offset}); }

void Locals::begin_branch(uint32_t offset, Place branch) { stretches_.push_back({.kind = Point::Kind::Branch, .begin = offset, .before = branch}); }

void Locals::begin_join(uint32_t offset, Place opened, llvm::BasicBlock *head, std::vector<Edge> edges) {
  stretches_.push_back({.kind = Point::Kind::Join, .begin = offset, .before = opened, .head = head, .edges = std::move(edges)});
}

Locals::Stretch Locals::begin_loop(uint32_t offset, Edge before, llvm::BasicBlock *head) {
  stretches_.push_back({.kind = Point::Kind::Loop, .begin = offset, .before = before.place, .head = head, .edges = {before}, .end = sets_.loop_ends[loops_++]});
  return Stretch(stretches_.size() - 1);
}

void Locals::enter_loop(llvm::BasicBlock *first_block) {
  entered_ = stretches_.back().begin;
  stretches_.back().edges.push_back({first_block, {0, 0}});
}

llvm::Value *Locals::initial(wasm::LocalIndex local) {
  llvm::Value *&value = initial_[raw(local)];
  if (!value) value = make_initial_(local);
  return value;
}

llvm::Value *Locals::value_at(wasm::LocalIndex local, Place place) {
  const auto first = sets_.sets.begin() + sets_.first[raw(local)], last = sets_.sets.begin() + sets_.first[raw(local) + 1];
  // So that nobody goes the same long way twice, what was found is kept at some of the stretches on the way: those 0, 1, 2, 4, 8, … steps away.
  llvm::SmallVector<Stretch, 8> passed;
  llvm::Value *value = nullptr;
  for (uint64_t steps = 0; !value; ++steps) {
    const uint32_t begin = stretches_[place.stretch].begin;
    const auto next = std::ranges::lower_bound(first, last, place.offset, {}, &LocalSets::Set::offset);
    if (next != first && std::prev(next)->offset >= begin) {
      value = std::prev(next)->value;
      break;
    }
    note_need(local, begin, place.offset);
    if (const auto known = entry_.find({place.stretch, raw(local)}); known != entry_.end()) {
      value = known->second;
      break;
    }
    if ((steps & (steps - 1)) == 0) passed.push_back(place.stretch);
    const Step step = step_back(local, place.stretch, uint32_t(next - sets_.sets.begin()));
    value = step.value;
    place = step.place;
  }
  for (const Stretch stretch : passed) entry_.try_emplace({stretch, raw(local)}, value);
  return value;
}

Locals::Step Locals::step_back(wasm::LocalIndex local, Stretch stretch, uint32_t next) {
  const Point &point = stretches_[stretch];
  const bool is_set_before = next > sets_.first[raw(local)], is_set_later = next < sets_.first[raw(local) + 1];
  switch (point.kind) {
    case Point::Kind::Start: return {initial(local)};
    case Point::Kind::Dead: return {llvm::PoisonValue::get(types_[raw(local)])};
    case Point::Kind::Branch: return {nullptr, point.before};
    case Point::Kind::Join:
      if (is_set_before && sets_.sets[next - 1].offset > point.before.offset) return point.edges.size() == 1 ? Step{nullptr, point.edges[0].place} : Step{make_phi(local, stretch)};
      note_need(local, point.before.offset, point.begin);
      if (point.before.offset < entered_ && entered_ < point.begin) return {initial(local)};
      return {nullptr, point.before};
    case Point::Kind::Loop:
      if (is_set_later && sets_.sets[next].offset < point.end) return {make_phi(local, stretch)};
      if (point.begin == entered_) return {initial(local)};
      return {nullptr, point.before};
  }
  __builtin_unreachable();
}

llvm::PHINode *Locals::make_phi(wasm::LocalIndex local, Stretch stretch) {
  const Point &point = stretches_[stretch];
  auto *phi = llvm::PHINode::Create(types_[raw(local)], unsigned(point.edges.size()), "local" + llvm::Twine(raw(local)) + ".", point.head->begin());
  incomplete_.push_back({phi, local, stretch});
  phis_.push_back({phi, local});
  return phi;
}

void Locals::complete_phis() {
  while (!incomplete_.empty()) {
    const Phi phi = incomplete_.back();
    incomplete_.pop_back();
    for (const Edge &edge : stretches_[phi.stretch].edges) {
      llvm::Value *value = value_at(phi.local, edge.place);
      for (unsigned i = 0; i < edge.count; ++i) phi.phi->addIncoming(value, edge.from);
    }
  }
}

void Locals::note_need(wasm::LocalIndex local, uint32_t from, uint32_t to) {
  const auto first = std::ranges::lower_bound(exits_, from), last = std::ranges::lower_bound(exits_, to);
  if (first != last) needs_.push_back({local, size_t(first - exits_.begin()), size_t(last - exits_.begin())});
}

std::vector<std::vector<wasm::LocalIndex>> Locals::needed_locals() {
  std::vector<std::vector<wasm::LocalIndex>> out(exits_.size());
  std::ranges::sort(needs_, {}, [](const Need &need) { return std::pair(raw(need.local), need.first); });
  size_t done = 0;
  for (size_t i = 0; i < needs_.size(); ++i) {
    const Need &need = needs_[i];
    if (i == 0 || needs_[i - 1].local != need.local) done = 0;
    for (done = std::max(done, need.first); done < need.last; ++done) out[done].push_back(need.local);
  }
  return out;
}

void Locals::finish_phis() {
  const auto left = remove_trivial_phis();
  // In front of one another, so the last local is the first.
  std::ranges::stable_sort(phis_, std::ranges::greater{}, [](const auto &phi) { return raw(phi.second); });
  for (const auto &[phi, local] : phis_)
    if (left.contains(phi)) phi->moveBefore(phi->getParent()->begin());
}

llvm::DenseSet<const llvm::PHINode *> Locals::remove_trivial_phis() {
  llvm::DenseSet<const llvm::PHINode *> left;
  std::vector<llvm::PHINode *> work;
  for (const auto &[phi, local] : phis_) {
    left.insert(phi);
    work.push_back(phi);
  }
  while (!work.empty()) {
    llvm::PHINode *phi = work.back();
    work.pop_back();
    if (!left.contains(phi)) continue;
    llvm::Value *only = nullptr;  // that comes in beside the phi itself and what comes from code that is never reached
    bool is_trivial = true;
    for (llvm::Value *value : phi->incoming_values()) {
      if (value == phi || value == only || llvm::isa<llvm::PoisonValue>(value)) continue;
      if (only) is_trivial = false;
      only = value;
    }
    if (!is_trivial) continue;
    left.erase(phi);
    for (llvm::User *user : phi->users())
      if (auto *other = llvm::dyn_cast<llvm::PHINode>(user); other && left.contains(other)) work.push_back(other);
    phi->replaceAllUsesWith(only ? only : llvm::PoisonValue::get(phi->getType()));
    phi->eraseFromParent();
  }
  return left;
}

}  // namespace wasmc::lower
