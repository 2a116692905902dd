// What locals hold, as SSA: each read gives the value that was set last, or a phi where several paths set one.
//
// Control flow is structured, so where a value comes from is found by going backwards over whole blocks: one that does not set the local is gone past
// in a step, and a loop that does is known at its beginning, because where locals are set has been listed before. Nothing is made for locals that nobody
// reads. (Braun et al., "Simple and Efficient Construction of SSA Form", adapted.)
#pragma once
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/IR/Instructions.h>

#include <functional>
#include <vector>

#include "wasm/module.h"

namespace wasmc::lower {

/// Of one body: where it sets locals, and where its loops end; all by offset in the module, of instructions that can be reached.
struct LocalSets {
  struct Set {
    uint32_t offset;
    llvm::Value *value = nullptr;  ///< once it is lowered
  };
  std::vector<Set> sets;            ///< by local, then by offset
  std::vector<uint32_t> first;      ///< by local: of its sets; one more at the end
  std::vector<uint32_t> loop_ends;  ///< in the order in which loops begin
};
Result<LocalSets> find_local_sets(const wasm::Module &module, wasm::FuncIndex func);

class Locals {
 public:
  /// A stretch of code is entered at its beginning only. It goes on, through branches that leave it, until paths come together.
  using Stretch = uint32_t;
  /// Behind the instructions of a stretch that stand in front of an offset.
  struct Place {
    Stretch stretch;
    uint32_t offset;
  };
  struct Edge {
    llvm::BasicBlock *from;
    Place place;
    unsigned count = 1;  ///< so many branches of one switch
  };
  /// What a local holds at first.
  using Initial = std::function<llvm::Value *(wasm::LocalIndex)>;

  Locals(LocalSets sets, std::vector<llvm::Type *> types, Initial initial);

  llvm::Value *get(wasm::LocalIndex local, uint32_t offset);
  void set(wasm::LocalIndex local, llvm::Value *value);
  llvm::Value *value_at(wasm::LocalIndex local, Place place);

  Place here(uint32_t offset) const { return {Stretch(stretches_.size() - 1), offset}; }
  /// Each begins a stretch, at an offset. Of code that nothing reaches:
  void begin_dead(uint32_t offset);
  /// Of the code at one end of a branch.
  void begin_branch(uint32_t offset, Place branch);
  /// Of what comes behind a block that was opened at `opened`. All ways there are known.
  void begin_join(uint32_t offset, Place opened, llvm::BasicBlock *head, std::vector<Edge> edges);
  /// Of a loop; further edges come until it ends.
  Stretch begin_loop(uint32_t offset, Edge before, llvm::BasicBlock *head);
  void add_edge(Stretch loop, Edge edge) { stretches_[loop].edges.push_back(edge); }

  /// The function is also entered at the loop that begins the current stretch, from its first block; locals have their initial values then, and what is in front of the
  /// loop is never run.
  void enter_loop(llvm::BasicBlock *first_block);
  /// Wants to know which locals are still needed at the loop that begins the current stretch, see needed_locals.
  void note_exit() { exits_.push_back(stretches_.back().begin); }

  /// Once all code is there: completes the phis that there are so far.
  void complete_phis();
  /// By exit, in ascending order: the locals whose values at the exit are read later. Right once the phis are complete.
  std::vector<std::vector<wasm::LocalIndex>> needed_locals();
  /// Takes out phis that stand for one value, at the very end: nobody may have kept any. The others stand in the order of their locals then, not of the reads that
  /// asked for them: LLVM's heuristics follow that order, and do better by the producer's.
  void finish_phis();

 private:
  struct Point {
    enum class Kind : uint8_t { Start, Dead, Branch, Join, Loop } kind;
    uint32_t begin;
    Place before{};                  ///< Branch: where; Join: where the block was opened; Loop: what is in front
    llvm::BasicBlock *head = nullptr;  ///< where phis stand
    std::vector<Edge> edges{};
    uint32_t end = 0;                ///< of a loop
  };
  struct Known {
    llvm::Value *value = nullptr;
    Stretch stretch = 0;
  };
  struct Phi {
    llvm::PHINode *phi;
    wasm::LocalIndex local;
    Stretch stretch;
  };
  struct Need {
    wasm::LocalIndex local;
    size_t first, last;  ///< exits
  };
  /// Where to look on, or the value itself.
  struct Step {
    llvm::Value *value;
    Place place{};
  };

  /// What a stretch finds at its beginning; `next` is the first set of the local that is not in front of it.
  Step step_back(wasm::LocalIndex local, Stretch stretch, uint32_t next);
  llvm::Value *initial(wasm::LocalIndex local);
  llvm::PHINode *make_phi(wasm::LocalIndex local, Stretch stretch);
  /// Returns those that are left.
  llvm::DenseSet<const llvm::PHINode *> remove_trivial_phis();
  void note_need(wasm::LocalIndex local, uint32_t from, uint32_t to);

  LocalSets sets_;
  std::vector<llvm::Type *> types_;
  Initial make_initial_;
  std::vector<Point> stretches_;
  std::vector<Known> known_;             ///< by local: in the current stretch
  std::vector<uint32_t> next_set_;       ///< by local: that is not lowered yet
  std::vector<llvm::Value *> initial_;   ///< by local, once it is asked for
  llvm::DenseMap<std::pair<Stretch, uint32_t>, llvm::Value *> entry_;  ///< by stretch and local: at its beginning
  size_t loops_ = 0;
  uint32_t entered_ = ~uint32_t{0};      ///< where the entered loop begins
  std::vector<Phi> incomplete_;
  std::vector<std::pair<llvm::PHINode *, wasm::LocalIndex>> phis_;
  std::vector<uint32_t> exits_;
  std::vector<Need> needs_;
};

}  // namespace wasmc::lower
