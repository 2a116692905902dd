// Engines and modules: what stores share.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "load/artifact.h"
#include "runtime/runtime.h"

namespace wasmc::core {

/// Canonical type ids: equal function types have equal ids everywhere in an engine. 0 is no type.
class TypeRegistry {
 public:
  uint32_t intern(const FuncType &type);
  FuncType type(uint32_t id) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::vector<ValType>, std::vector<ValType>>, uint32_t> ids_;
  std::deque<FuncType> types_;
};

class EngineImpl {
 public:
  explicit EngineImpl(EngineConfig config) : config(std::move(config)) {}
  EngineConfig config;
  TypeRegistry types;
};

class ModuleImpl {
 public:
  ModuleImpl(Engine &engine, std::unique_ptr<load::Artifact> artifact, std::string name);

  const abi::ModuleHeader &header() const { return artifact_->header(); }
  const load::Artifact &artifact() const { return *artifact_; }
  Engine &engine() const { return engine_; }
  const std::string &name() const { return name_; }
  template <class T> std::span<const T> list(abi::Range abi::ModuleHeader::*range) const {
    return artifact_->list<T>(header().*range);
  }
  std::span<const abi::FunctionEntry> functions() const { return list<abi::FunctionEntry>(&abi::ModuleHeader::functions); }
  FuncType type(uint32_t type_index) const;
  /// Canonical type ids by the module's type index.
  const std::vector<uint32_t> &type_ids() const { return type_ids_; }
  std::string function_name(uint32_t function) const;
  /// What is executed at a machine address in the module's code: the function, and before it the one inlined there, if any.
  /// `wasm_offset` is of the instruction if known already, else kUnknownOffset.
  std::vector<Frame> frames_at(uintptr_t pc, uint32_t wasm_offset) const;

 private:
  Frame frame(uint32_t function, std::optional<uint32_t> wasm_offset) const;
  std::optional<uint32_t> function_at_offset(uint32_t wasm_offset) const;
  std::optional<uint32_t> function_at_pc(uintptr_t pc) const;

  Engine &engine_;
  std::unique_ptr<load::Artifact> artifact_;
  std::string name_;
  std::vector<uint32_t> type_ids_;
};

}  // namespace wasmc::core
