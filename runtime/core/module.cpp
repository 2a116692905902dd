#include "core/module.h"

#include <algorithm>

#include "load/trap_sites.h"
#include "platform/file.h"

namespace wasmc::core {
namespace {

/// Below the Wasm stack. Host functions are entered with kHostStackReserve left, so it takes that much more to jump over it.
constexpr uint64_t kStackGuard = 2 * abi::kHostStackReserve;
/// More than any system gives; so that sums do not wrap.
constexpr uint64_t kMostStack = uint64_t{1} << 60;

Limits limits_of(const abi::LimitsEntry &limits) {
  return {limits.min, limits.has_max ? std::optional<uint64_t>(limits.max) : std::nullopt, limits.is_64 != 0, limits.is_shared != 0};
}

}  // namespace

StackLayout::StackLayout(uint64_t stack_size)
    : guard(platform::round_up(sizeof(abi::TailCall) + abi::kMaxTailCallStack, platform::page_size())),
      stack(guard + platform::round_up(kStackGuard, platform::page_size())),
      // What host functions and builtins are promised is not taken from what compiled code is given.
      size(stack + platform::round_up(std::min(stack_size, kMostStack) + abi::kHostStackReserve, platform::page_size())) {}

Limits limits_of(const abi::TableEntry &table) { return limits_of(table.limits); }
Limits limits_of(const abi::MemoryEntry &memory) {
  Limits limits = limits_of(memory.limits);
  limits.page_size_log2 = memory.page_size_log2;
  return limits;
}

ModuleImpl::ModuleImpl(Engine &engine, std::unique_ptr<load::Artifact> artifact, std::string name)
    : engine_(engine), artifact_(std::move(artifact)), name_(std::move(name)) {
  std::vector<DefinedType> types;
  for (const auto &entry : list<abi::TypeEntry>(&abi::ModuleHeader::types)) {
    const auto all = artifact_->types_of(entry);
    types.push_back({all.first(entry.params), all.subspan(entry.params), entry.super, entry.group_size, entry.is_final != 0});
  }
  type_ids_ = engine.impl().types.intern(types);
  if (header().handover_size == 0) return;
  const uint32_t bodies = uint32_t(functions().size()) - header().imported_functions;
  successors_.resize(2 * uint64_t{bodies});
  for (uint32_t body = 0; body < bodies; ++body) successors_[body] = behind_handover(body);
}

ModuleImpl::~ModuleImpl() {
  engine_.impl().guarded.forget(this);
  engine_.impl().contexts.forget(this);
}

FuncType ModuleImpl::type(uint32_t type_index) const { return engine_.impl().types.type(type_ids_[type_index]); }

std::string ModuleImpl::function_name(uint32_t function) const {
  const std::string_view name = artifact_->function_name(function);
  return name.empty() ? "wasm-function[" + std::to_string(function) + "]" : std::string(name);
}

const abi::ExportEntry *ModuleImpl::find_export(std::string_view name) const {
  std::call_once(exports_once_, [this] {
    for (const auto &entry : list<abi::ExportEntry>(&abi::ModuleHeader::exports)) exports_.try_emplace(artifact_->string(entry.name), &entry);
  });
  const auto found = exports_.find(name);
  return found == exports_.end() ? nullptr : found->second;
}

/// Compiled code relies on the context area alone, so what it makes of it is what must be the same.
Result<> ModuleImpl::check_is_same_module(const ModuleImpl &other) const {
  const abi::ModuleHeader &a = header(), &b = other.header();
  if (&engine_ != &other.engine_) return fail("of another engine");
  if (a.wasm_hash != b.wasm_hash || a.wasm_size != b.wasm_size) return fail("compiled from another module");
  const bool same_code = a.bounds == b.bounds && a.uses_segment_base == b.uses_segment_base && a.context_size == b.context_size;
  return same_code ? Result<>() : fail("compiled with other options");
}

Result<> ModuleImpl::hand_over(std::shared_ptr<ModuleImpl> better, LoopIsWaiting is_waiting) {
  if (successors_.empty()) return fail("is no first-tier code");
  if (!better->successors_.empty()) return fail("the better code is first-tier code too");
  if (better->is_continuation()) return fail("the better code is the continuation of one loop only");
  TRY(check_is_same_module(*better));
  const std::lock_guard lock(handing_over_);
  if (!replacements_.empty()) return fail("has handed over already");
  // Whoever traps there must find it here.
  add_replacement(better);
  const uint32_t bodies = uint32_t(successors_.size() / 2);
  for (uint32_t body = 0; body < bodies; ++body) __atomic_store_n(&successors_[body], better->artifact().code(body), __ATOMIC_RELEASE);
  is_waiting_ = std::move(is_waiting);
  if (is_waiting_)
    for (uint32_t body = 0; body < bodies; ++body) let_loops_ask(header().imported_functions + body, true);
  return {};
}

Result<> ModuleImpl::add_continuation(std::shared_ptr<ModuleImpl> continuation) {
  if (!continuation->is_continuation()) return fail("is no continuation");
  TRY(check_is_same_module(*continuation));
  const std::lock_guard lock(handing_over_);
  if (replacements_.empty()) return fail("continues what has not been handed over");
  const abi::ModuleHeader &place = continuation->header();
  const void *&code = continuations_[{place.continued_function, place.continued_loop}];
  if (code) return fail("the loop has its continuation already");
  add_replacement(continuation);
  code = continuation->artifact().code(0);
  let_loops_ask(place.continued_function, true);
  return {};
}

const void *ModuleImpl::continuation(uint32_t function, uint32_t loop) {
  std::unique_lock lock(handing_over_);
  const auto [known, is_new] = continuations_.try_emplace({function, loop});
  if (known->second) return known->second;
  const auto of_function = [&](const auto &entry) { return entry.first.first == function && entry.second; };
  if (std::ranges::none_of(continuations_, of_function)) let_loops_ask(function, false);
  if (is_new && is_waiting_) is_waiting_({function, loop});
  return nullptr;
}

void ModuleImpl::add_replacement(std::shared_ptr<ModuleImpl> module) {
  replacements_.push_back({std::move(module), last_replacement_.load(std::memory_order_relaxed)});
  last_replacement_.store(&replacements_.back(), std::memory_order_release);
}

void ModuleImpl::let_loops_ask(uint32_t function, bool ask) {
  const void **word = &successors_[successors_.size() / 2 + function - header().imported_functions];
  __atomic_store_n(word, ask ? this : nullptr, __ATOMIC_RELEASE);
}

const ModuleImpl *ModuleImpl::at(uintptr_t pc) const {
  if (artifact_->in_text(pc)) return this;
  for (const Replacement *replacement = last_replacement_.load(std::memory_order_acquire); replacement; replacement = replacement->next)
    if (replacement->module->artifact().in_text(pc)) return replacement->module.get();
  return nullptr;
}

void ModuleImpl::register_frames() const {
  artifact_->register_frames();
  for (const Replacement *replacement = last_replacement_.load(std::memory_order_acquire); replacement; replacement = replacement->next)
    replacement->module->artifact().register_frames();
}

std::optional<uint32_t> ModuleImpl::function_at_offset(uint32_t wasm_offset) const {
  const auto defined = functions().subspan(header().imported_functions);
  const auto after = std::ranges::upper_bound(defined, wasm_offset, {}, &abi::FunctionEntry::wasm_offset);
  if (after == defined.begin()) return std::nullopt;
  return header().imported_functions + uint32_t(after - defined.begin()) - 1;
}

/// Null if it is a thunk.
const ModuleImpl::CodeStart *ModuleImpl::function_at_pc(uintptr_t pc) const {
  const auto starts = code_starts();
  const auto after = std::ranges::upper_bound(starts, pc, {}, &CodeStart::address);
  if (after == starts.begin() || std::prev(after)->function == abi::kNone) return nullptr;
  return &*std::prev(after);
}

std::span<const ModuleImpl::CodeStart> ModuleImpl::code_starts() const {
  std::call_once(sorted_once_, [this] {
    for (uint32_t i = 0; i < header().code_count; ++i) code_starts_.push_back({reinterpret_cast<uintptr_t>(artifact_->code(i)), abi::kNone, i});
    if (is_continuation()) code_starts_[0].function = header().continued_function;
    for (uint32_t i = header().imported_functions; !is_continuation() && i < functions().size(); ++i)
      if (const uint32_t code = functions()[i].code; code < code_starts_.size()) code_starts_[code].function = i;
    std::ranges::sort(code_starts_, {}, [](const CodeStart &start) { return std::pair(start.address, start.function); });
  });
  return code_starts_;
}

Frame ModuleImpl::frame(uint32_t function, std::optional<uint32_t> wasm_offset) const {
  return {.module = name_, .function = function_name(function), .index = function, .wasm_offset = wasm_offset};
}

std::vector<Frame> ModuleImpl::frames_at(uintptr_t pc, uint32_t wasm_offset) const {
  const CodeStart *outer = function_at_pc(pc);
  std::optional<uint32_t> offset;
  if (wasm_offset != abi::kUnknownOffset) {
    offset = wasm_offset;
  } else if (outer) {
    offset = load::find_trap_site(artifact_->traps(), outer->code, functions()[outer->function].wasm_offset, pc - outer->address);
  }
  const auto inner = offset ? function_at_offset(*offset) : std::nullopt;
  std::vector<Frame> frames;
  if (inner) frames.push_back(frame(*inner, offset));
  if (outer && outer->function != inner) frames.push_back(frame(outer->function, std::nullopt));
  return frames;
}

}  // namespace wasmc::core

namespace wasmc {

Engine::Engine(EngineConfig config) : impl_(std::make_unique<core::EngineImpl>(std::move(config))) {}
Engine::~Engine() = default;

abi::BoundsMode Engine::preferred_bounds() const {
  const bool guard = impl_->config.allow_guard_pages && impl_->guarded.take();
  return guard ? abi::BoundsMode::Guard : abi::BoundsMode::Explicit;
}

Result<Module> Module::load(Engine &engine, const ArtifactFile &file) {
  auto artifact = TRY(load::Artifact::load(file.fd, file.offset, file.size, file.name));
  return Module(std::make_shared<core::ModuleImpl>(engine, std::move(artifact), file.name));
}

Result<Module> Module::load(Engine &engine, const std::string &path) {
  platform::File file = TRY(platform::File::open(path));
  return load(engine, ArtifactFile{.fd = file.fd(), .name = path});
}

Result<Module> Module::compile(Engine &engine, std::span<const uint8_t> wasm, std::string name) {
  return compile(engine, wasm, std::move(name), engine.impl().config.compile);
}

Result<Module> Module::compile(Engine &engine, std::span<const uint8_t> wasm, std::string name, const CompileFunction &compile) {
  if (!compile) return std::unexpected(Error("there is no compiler to compile it with").in_file(name));
  platform::File file = TRY(platform::File::in_memory());
  if (auto done = compile(wasm, engine.preferred_bounds(), file.fd()); !done)
    return std::unexpected(std::move(done).error().in_file(name));
  TRY(file.seal());
  return load(engine, ArtifactFile{.fd = file.fd(), .name = std::move(name)});
}

Result<> Module::hand_over(const Module &better, LoopIsWaiting is_waiting) const { return impl_->hand_over(better.impl_, std::move(is_waiting)); }
Result<> Module::add_continuation(const Module &continuation) const { return impl_->add_continuation(continuation.impl_); }

std::vector<ImportType> Module::imports() const {
  std::vector<ImportType> out;
  for (const auto &entry : impl_->list<abi::ImportEntry>(&abi::ModuleHeader::imports))
    out.push_back({impl_->artifact().string(entry.module), impl_->artifact().string(entry.name), entry.kind, entry.index});
  return out;
}

std::vector<ExportType> Module::exports() const {
  std::vector<ExportType> out;
  for (const auto &entry : impl_->list<abi::ExportEntry>(&abi::ModuleHeader::exports))
    out.push_back({impl_->artifact().string(entry.name), entry.kind, entry.index});
  return out;
}

FuncType Module::func_type(uint32_t function) const { return impl_->type(impl_->functions()[function].type); }
TableType Module::table_type(uint32_t table) const {
  const auto &entry = impl_->list<abi::TableEntry>(&abi::ModuleHeader::tables)[table];
  return {entry.element.code, core::limits_of(entry)};
}
Limits Module::memory_type(uint32_t memory) const {
  return core::limits_of(impl_->list<abi::MemoryEntry>(&abi::ModuleHeader::memories)[memory]);
}
GlobalType Module::global_type(uint32_t global) const {
  const auto &entry = impl_->list<abi::GlobalEntry>(&abi::ModuleHeader::globals)[global];
  return {entry.type.code, entry.is_mutable != 0};
}
std::string Module::function_name(uint32_t function) const { return impl_->function_name(function); }
abi::BoundsMode Module::bounds() const { return impl_->header().bounds; }
const abi::ModuleHeader &Module::header() const { return impl_->header(); }
std::span<const uint8_t> Module::wasm() const { return impl_->artifact().wasm(); }
int Module::file() const { return impl_->artifact().fd(); }

}  // namespace wasmc
