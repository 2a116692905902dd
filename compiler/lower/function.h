// The validator's sink: turns one function's instructions into LLVM IR, one handler per family.
//
// Values live on a stack of llvm::Values that mirrors the validator's operand stack; what locals hold is known too (locals.h). A block's results, and a loop's parameters,
// are phis in the block that its label branches to.
#pragma once
#include <llvm/IR/IRBuilder.h>

#include <optional>
#include <vector>

#include "lower/locals.h"
#include "lower/module_lowering.h"
#include "wasm/opcode.h"

namespace wasmc::lower {

/// How much a function of so many bytes may add for leaving its loops, see FunctionLowering::take_loop_exit. Proportional: else a few bytes could ask
/// for any number of stores.
constexpr uint64_t loop_exit_room(size_t body_bytes) { return 128 + 2 * uint64_t{body_bytes}; }

/// How much such a function may add for calls that become several, see FunctionLowering::take_ways: bodies of callees, in bytes of Wasm.
constexpr uint64_t ways_room(size_t body_bytes) { return 512 + 2 * uint64_t{body_bytes}; }

class FunctionLowering {
 public:
  FunctionLowering(ModuleLowering &shared, wasm::FuncIndex func);
  /// Of a continuation, into `continuation`.
  FunctionLowering(ModuleLowering &shared, LoopPlace place, llvm::Function *continuation);
  Result<> run();
  /// Whether the loop of the continuation was there, and could be entered.
  bool has_entered() const { return has_entered_; }

  // The sink, see wasm/validator.h. The handlers stand in the file of their kind: control.cpp, call.cpp, memory.cpp, …
  void begin(const wasm::FuncType &type, std::span<const wasm::ValType> locals);
  void at(uint64_t offset) { offset_ = uint32_t(offset); }
  void finish();
#define WASM_FAMILY(family, Imm) void family(const wasm::OpInfo &op, const wasm::Imm &imm);
#include "wasm/opcodes.def"

 private:
  /// An open block. `label` is where a branch to it goes: of a loop its start, else its end, which is made for the first branch; `phis` stand there,
  /// one per value that the branch carries.
  struct Frame {
    enum class Kind : uint8_t { Block, Loop, If, Else, Function } kind;
    wasm::BlockType type;
    size_t height;          ///< of the value stack below the parameters
    Locals::Place opened;
    llvm::BasicBlock *label = nullptr;
    std::vector<llvm::PHINode *> phis{};
    std::vector<Locals::Edge> edges{};  ///< to the label, unless a loop
    Locals::Stretch loop = 0;           ///< that the label begins, of a loop
    llvm::BasicBlock *if_block = nullptr, *else_block = nullptr;
    std::vector<llvm::Value *> else_params{};
  };
  /// Where first-tier code leaves a loop for its continuation: `state` is what continue_loop gave.
  struct LoopExit {
    llvm::BasicBlock *leave;
    llvm::Value *state;
    Locals::Place loop;
    std::vector<llvm::Value *> operands;
  };

  // Values.
  void push(llvm::Value *value) { values_.push_back(value); }
  llvm::Value *pop();
  std::vector<llvm::Value *> pop(size_t count);
  llvm::Value *i32(uint32_t value) { return builder_.getInt32(value); }
  llvm::Value *i64(uint64_t value) { return builder_.getInt64(value); }
  /// An i32 operand as i1: whether it is not zero.
  llvm::Value *to_bool(llvm::Value *value);
  llvm::Value *from_bool(llvm::Value *value);
  void remove_unused_bools();

  // Blocks.
  llvm::BasicBlock *new_block(const char *name);
  std::vector<llvm::PHINode *> make_phis(llvm::BasicBlock *block, std::span<const wasm::ValType> types);
  /// Adds the top values of the stack, without popping them, as what arrives at `phis` from the current block.
  void carry(std::span<llvm::PHINode *const> phis);
  Frame &frame(uint32_t depth) { return frames_[frames_.size() - 1 - depth]; }
  void open(Frame::Kind kind, const wasm::BlockType &type);
  /// Where a branch to the frame is to go, or so many of one switch, that will end the current block.
  llvm::BasicBlock *branch_target(Frame &frame, unsigned count = 1);
  /// Ends the current block with a branch.
  void branch_to(Frame &frame);
  /// Leaves out a block that would do nothing but branch.
  bool branch_from_predecessor(Frame &frame);
  void branch_if(llvm::Value *condition, Frame &frame);
  void skip_else(Frame &frame);
  /// After an instruction that does not fall through.
  void end_reachable() { builder_.ClearInsertionPoint(); }
  bool reachable() const { return builder_.GetInsertBlock() != nullptr; }
  /// Takes the current block away if nothing goes there and nothing was written to it.
  void leave_dead_block();
  /// Goes on behind a frame whose end is never reached: what follows cannot run.
  void begin_dead(const Frame &frame);
  /// What was widened before need not have been on all paths to what follows.
  void begin_stretch() { widened_.clear(); }
  llvm::MDNode *hinted_weights();

  // Going on elsewhere in a loop; continuation.cpp.
  /// Whether the loop that was just opened is in no other, and there is room for the state of a call at its beginning; which it takes. Asked at each
  /// loop in order, it says the same of first-tier code and of continuations.
  bool take_loop_exit();
  /// In the block that the current loop begins with.
  void ask_for_continuation();
  void enter_loop();
  /// Once it is known what comes behind the loops.
  void finish_loop_exits();
  void finish_loop_exit(const LoopExit &exit, std::span<const wasm::LocalIndex> needed);
  llvm::Value *handed_over(size_t index, llvm::Type *type, llvm::IRBuilder<> &builder);
  llvm::Value *initial_value(wasm::LocalIndex local);

  // Traps.
  /// Ends the current block with a call of a builtin that always traps.
  void end_with_trap(llvm::CallInst *call);
  /// Ends the current block with a trap.
  void emit_trap(llvm::Value *kind);
  void emit_trap(abi::TrapKind kind) { emit_trap(i32(uint32_t(kind))); }
  /// Traps if `condition`; goes on otherwise.
  void trap_if(llvm::Value *condition, abi::TrapKind kind);

  // The context.
  llvm::Value *context() { return context_; }
  llvm::Value *context_field(int32_t offset) { return builder_.CreateInBoundsGEP(builder_.getInt8Ty(), context_, i64(uint64_t(int64_t(offset)))); }
  llvm::LoadInst *load_invariant(llvm::Type *type, llvm::Value *address, uint64_t align);
  /// Address of the MemoryRecord or TableRecord in a slot.
  llvm::Value *record(int32_t slot, bool imported);
  llvm::CallInst *call_builtin(abi::BuiltinId id, std::initializer_list<llvm::Value *> arguments);
  template <class Call> Call *at_site(Call *instruction);

  // Memory.
  const wasm::MemoryType &memory_type(wasm::MemoryIndex memory) const { return wasm_.memories[raw(memory)]; }
  llvm::Value *memory_record(wasm::MemoryIndex memory);
  llvm::Value *memory_base(wasm::MemoryIndex memory);
  llvm::Value *memory_length(wasm::MemoryIndex memory);
  /// Host address of an access of `size` bytes, checked as the bounds mode and the memory ask.
  llvm::Value *address(const wasm::MemArg &arg, llvm::Value *index, uint64_t size);
  /// Traps unless `size` bytes at `index + arg.offset` are inside the memory; `index` is an i64.
  void check_bounds(const wasm::MemArg &arg, llvm::Value *index, uint64_t size);
  /// The same for an atomic access, which must be aligned too.
  llvm::Value *atomic_address(const wasm::OpInfo &op, const wasm::MemArg &arg, llvm::Value *index);
  llvm::Type *atomic_type(const wasm::OpInfo &op) { return builder_.getIntNTy(8u << atomic_size_log2(op)); }
  /// Whether an access to the memory must be volatile: under strict traps, and where other threads may race with it.
  bool is_volatile(wasm::MemoryIndex memory) const { return shared_.options().strict_traps || memory_type(memory).limits.is_shared; }
  /// An access of the type's width at a guest address, checked; where it stands in the Wasm code is noted.
  llvm::LoadInst *guest_load(llvm::Type *type, const wasm::MemArg &arg, llvm::Value *index);
  void guest_store(llvm::Value *value, const wasm::MemArg &arg, llvm::Value *index);
  /// Whether `count` bytes from `first` on are inside the memory; both are i64, and of a 32-bit memory below 2^32.
  llvm::Value *is_inside(wasm::MemoryIndex memory, llvm::Value *first, llvm::Value *count);
  void short_or_builtin(llvm::Value *count, bool may_be_short, llvm::Value *inside, llvm::function_ref<void()> in_place, llvm::function_ref<void()> builtin);
  /// An index or length, i32 or i64, as the i64 that builtins take.
  llvm::Value *widen(llvm::Value *index) { return builder_.CreateZExt(index, builder_.getInt64Ty()); }
  /// The other way: an i64 as the address type.
  llvm::Value *narrow(llvm::Value *value, const wasm::Limits &limits) { return builder_.CreateTrunc(value, shared_.type(limits.address())); }

  /// A callee that an indirect call had in a profile.
  struct FrequentCallee {
    wasm::FuncIndex func;
    uint64_t calls;
  };
  /// What a profile has to do with an indirect call.
  struct CallProfile {
    std::optional<uint64_t> counters{};     ///< to count into
    uint64_t calls = 0;                     ///< as counted
    std::vector<FrequentCallee> callees{};  ///< those worth a call of their own, the most frequent first
  };
  // Calls; call.cpp.
  struct Callee {
    llvm::Value *code, *context;
    bool is_import = false;  ///< the context is another instance's, nearly always
  };
  Callee direct_callee(wasm::FuncIndex func);
  /// The code of a function in a continuation.
  llvm::Value *successor(wasm::FuncIndex func);
  /// A member of an abi::FuncRecord.
  llvm::Value *record_field(llvm::Value *record, size_t offset, llvm::Type *type);
  /// What FuncRecord::type_id says of a function of the type.
  llvm::Value *type_id(wasm::TypeIndex type);
  Callee indirect_callee(const wasm::CallIndirectImm &imm, llvm::Value *index, const CallProfile &profile);
  Callee fixed_callee(const wasm::CallIndirectImm &imm, const CallArray &array, llvm::Value *index);
  Callee reference_callee(llvm::Value *reference, const CallProfile &profile);
  /// Ends the current block with the trap of a call that finds no function in a table of known contents.
  void end_without_callee(const wasm::CallIndirectImm &imm, llvm::Value *index);
  /// Whether there is room for the bodies of all these callees where one call was; which it takes.
  bool take_ways(const Places &callees);
  /// False, with nothing done, where the callees are too many.
  bool emit_call_of_few(const wasm::CallIndirectImm &imm, llvm::Value *index, const std::vector<llvm::Value *> &arguments, bool is_tail);
  void emit_call(const wasm::FuncType &type, Callee callee, std::vector<llvm::Value *> arguments);
  // Profiles: counting in counters.cpp, what the counts are good for in profile_use.cpp.
  /// The function's next counters, which it goes past; none if there is nothing to do with a profile.
  std::optional<uint64_t> take_counters(uint32_t count);
  void begin_profile();
  /// Counts a branch if it is to be counted; gives its weights, as they were counted or hinted at.
  llvm::MDNode *profile_branch(llvm::Value *condition);
  void profile_table(llvm::SwitchInst *table, const wasm::BrTableImm &imm);
  CallProfile profile_call(wasm::TypeIndex type);
  bool is_counting() const { return shared_.profiling() && shared_.profiling()->into; }
  void count(uint64_t counter, llvm::Value *offset = nullptr);
  void count_callee(const CallProfile &profile, llvm::Value *record);
  std::span<const uint64_t> counted(uint64_t first, size_t count) const;
  llvm::MDNode *weights(std::span<const uint64_t> counts);
  std::vector<FrequentCallee> frequent_callees(uint64_t counters, wasm::TypeIndex type) const;
  /// Calls, tail calls if `is_tail`, with calls of their own for the frequent callees.
  void emit_profiled_call(const wasm::CallIndirectImm &imm, llvm::Value *index, const std::vector<llvm::Value *> &arguments, bool is_tail);
  void emit_profiled_call(wasm::TypeIndex type, llvm::Value *reference, const std::vector<llvm::Value *> &arguments, bool is_tail);
  void emit_either_call(const wasm::FuncType &type, Callee callee, const std::vector<llvm::Value *> &arguments, bool is_tail);
  class CallWays;
  void switch_to_callees(CallWays &ways, const CallProfile &profile, const FunctionPlaces &places, llvm::Value *index);
  void compare_callees(CallWays &ways, const CallProfile &profile, Callee callee);
  // Tail calls; tail_call.cpp.
  void emit_tail_call(const wasm::FuncType &type, Callee callee, std::vector<llvm::Value *> arguments);
  void jump_within_instance(const wasm::FuncType &type, llvm::Value *code, const std::vector<llvm::Value *> &arguments);
  void jump_through_stub(const wasm::FuncType &type, Callee callee, const std::vector<llvm::Value *> &arguments);
  void emit_jump(llvm::FunctionType *type, llvm::Value *code, const std::vector<llvm::Value *> &arguments, bool through_stub);
  /// Room for the results in memory of any call; they are fetched at once.
  llvm::AllocaInst *results_area(size_t count);
  llvm::Value *result_slot(llvm::Value *area, size_t index);

  // Tables.
  llvm::Value *table_length(wasm::TableIndex table);

  // Globals: the address of the value.
  llvm::Value *global_cell(wasm::GlobalIndex global);

  // Numbers; numeric.cpp.
  llvm::Value *divide(wasm::Arg arg, llvm::Value *left, llvm::Value *right);
  llvm::Value *float_min_max(bool is_min, llvm::Value *left, llvm::Value *right);
  llvm::Value *round(wasm::Arg arg, llvm::Value *value);
  llvm::Value *truncate(const wasm::OpInfo &op, llvm::Value *value);
  /// Of a scalar or of lanes; what does not fit becomes the nearest integer, NaN 0.
  llvm::Value *truncate_saturating(llvm::Type *to, llvm::Value *value, bool is_signed);
  llvm::Value *float_binary(wasm::Arg arg, llvm::Value *left, llvm::Value *right);
  llvm::Value *integer_binary(wasm::Arg arg, llvm::Value *left, llvm::Value *right);
  llvm::Value *intrinsic(llvm::Intrinsic::ID id, std::initializer_list<llvm::Value *> arguments);
  /// The float with a signalling NaN made quiet.
  llvm::Value *quiet(llvm::Value *value);

  static llvm::CmpInst::Predicate predicate_of(wasm::Arg arg, bool is_float);
  const Isa &isa() const { return shared_.options().isa; }
  /// Whether relaxed instructions may do what the target does.
  bool is_relaxed() const { return !shared_.options().deterministic; }

  // Vectors; vector.cpp. A v128 on the stack is <2 x i64>.
  llvm::FixedVectorType *lanes_type(wasm::Shape shape);
  llvm::Value *pop_lanes(wasm::Shape shape);
  void push_lanes(llvm::Value *value);
  llvm::Value *splat(llvm::Type *lanes, int64_t value);
  llvm::Value *half(llvm::Value *value, bool high);
  llvm::Value *join(llvm::Value *low, llvm::Value *high);
  llvm::Value *widen_lanes(llvm::Value *value, bool is_signed);
  llvm::Value *add_pairs(llvm::Value *lanes, bool is_signed);
  llvm::Value *convert_lanes(wasm::Arg arg);
  llvm::Value *narrow_lanes(llvm::Value *lanes, bool is_signed);
  llvm::Value *dot(llvm::Value *left, llvm::Value *right);
  llvm::Value *relaxed_dot(llvm::Value *left, llvm::Value *right);
  llvm::Value *float_lanes(wasm::Arg arg, llvm::Value *left, llvm::Value *right);
  llvm::Value *integer_lanes(wasm::Arg arg, llvm::Value *left, llvm::Value *right);
  llvm::Value *multiply_q15(llvm::Value *left, llvm::Value *right, bool exact);
  llvm::Value *swizzle(llvm::Value *bytes, llvm::Value *indices, bool exact);
  llvm::Value *multiply_add(llvm::Value *left, llvm::Value *right, llvm::Value *sum);

  // Wide arithmetic; vector.cpp.
  llvm::Value *pop_wide();
  void push_wide(llvm::Value *value);

  void emit_return();
  void push_results(llvm::Value *result, std::span<const wasm::ValType> types);

  ModuleLowering &shared_;
  const wasm::Module &wasm_;
  wasm::FuncIndex func_;
  uint64_t body_offset_;
  uint32_t offset_ = 0;  ///< of the current instruction in the module

  llvm::Function *function_;
  llvm::Value *context_ = nullptr;
  llvm::DISubprogram *scope_ = nullptr;
  llvm::IRBuilder<> builder_;
  llvm::Value *own_results_ = nullptr;         ///< where the function's own results go, if they go to memory
  llvm::AllocaInst *results_area_ = nullptr;
  std::span<const wasm::ValType> local_types_;
  LocalSets local_sets_;
  std::optional<Locals> locals_;
  llvm::DenseMap<llvm::Value *, llvm::Value *> widened_;  ///< in the stretch that goes on: indices of accesses
  std::vector<llvm::Value *> values_;
  std::vector<llvm::Instruction *> widened_bools_;
  llvm::BasicBlock *branch_end_ = nullptr;     ///< the last that was made for a branch of two ways to go to
  std::vector<Frame> frames_;
  const std::vector<wasm::BranchHint> *hints_ = nullptr;
  uint32_t open_loops_ = 0;
  uint64_t loop_exit_room_;                    ///< what is left of it
  uint64_t ways_room_;                         ///< likewise
  std::vector<LoopExit> loop_exits_;
  std::optional<uint32_t> entered_loop_;       ///< a continuation's
  llvm::Value *entered_state_ = nullptr;       ///< see ModuleHeader::continued_function
  bool has_entered_ = false;
  uint64_t next_counter_ = 0;
};

/// Gives an instruction that may trap or call the Wasm offset it stands for.
template <class Call> Call *FunctionLowering::at_site(Call *instruction) {
  if (scope_)
    instruction->setDebugLoc(llvm::DILocation::get(shared_.llvm(), offset_ + 1, 0, scope_));
  return instruction;
}

}  // namespace wasmc::lower
