#include "program.h"

#include <algorithm>

#include "invoke.h"
#include "report.h"

namespace wasmc::cli {
namespace {

bool begins_threads(const ImportType &import) { return import.module == wasi::kThreadsModuleName && import.name == wasi::kThreadSpawn; }

/// `function (i32) -> (i32)`, `mutable global of type i64`
std::string describe(const Module &module, const ImportType &import) {
  switch (import.kind) {
    case ExternKind::Func: return "function " + to_string(module.func_type(import.index));
    case ExternKind::Table: return "table of " + std::string(wasmc::to_string(module.table_type(import.index).element));
    case ExternKind::Memory: return module.memory_type(import.index).is_shared ? "shared memory" : "memory";
    case ExternKind::Global: {
      const GlobalType type = module.global_type(import.index);
      return std::string(type.is_mutable ? "mutable " : "") + "global of type " + std::string(wasmc::to_string(type.type));
    }
    case ExternKind::Tag: return "tag";
  }
  return "";
}

/// What would satisfy an import, where more can be said than that another module may export it.
std::string remedy(const ImportType &import) {
  const std::string_view module = import.module;
  if (module == wasi::kModuleName || module == wasi::kUnstableModuleName) {
    const auto row = std::ranges::find(wasi::functions(), import.name, &wasi::FunctionInfo::name);
    if (row == wasi::functions().end()) return "WASI 0.1 has no such function";
    return "not in wasi_unstable; " + std::string(wasi::kModuleName) + " has it";
  }
  if (module.starts_with("wasi:")) return "of WASI 0.2, for components; build for wasm32-wasip1";
  if (module == "wasi_ephemeral_nn" || module.starts_with("wasi_ephemeral_")) return "of a proposal that wasmc does not have";
  if (module == "__wbindgen_placeholder__" || module == "wbg") return "of JavaScript, through wasm-bindgen; build without it";
  return "--preload " + std::string(module) + "=FILE, a module that exports it";
}

/// One error for all: its lines say what is missing and what would satisfy it.
Error unknown_imports(const Part &part, const std::vector<ImportType> &missing, std::string_view offer) {
  const bool one = missing.size() == 1;
  Error error("unknown import" + std::string(one ? "" : "s (" + std::to_string(missing.size()) + ")") + std::string(offer));
  error.file = part.file.path;
  for (const ImportType &import : missing)
    error.excerpt += "    " + json_string(import.module) + " " + json_string(import.name) + ": " + describe(part.module, import) + " (" + remedy(import) + ")\n";
  return error;
}

Result<Part> load_preload(Engine &engine, const std::string &text, const LoadOptions &options) {
  const size_t split = text.find('=');
  if (split == text.npos || split == 0 || split + 1 == text.size()) return fail("--preload: not NAME=FILE: " + text);
  InputFile file = TRY(InputFile::open(text.substr(split + 1)));
  Module module = TRY(load_module(engine, file, options));
  return Part{text.substr(0, split), std::move(file), std::move(module)};
}

}  // namespace

Result<std::vector<Part>> Program::load(Engine &engine, InputFile main, const std::vector<std::string> &preloads, const LoadOptions &options) {
  std::vector<Part> parts;
  for (const std::string &preload : preloads) {
    Part part = TRY(load_preload(engine, preload, options));
    if (std::ranges::find(parts, part.name, &Part::name) != parts.end()) return fail("--preload: two modules are named " + part.name);
    parts.push_back(std::move(part));
  }
  Module module = TRY(load_module(engine, main, options));
  parts.push_back({"", std::move(main), std::move(module)});
  return parts;
}

Result<std::unique_ptr<Program>> Program::create(Engine &engine, std::vector<Part> parts, wasi::Context &wasi, UnknownImports unknown,
                                                 std::function<void(const Trap &)> on_end) {
  std::unique_ptr<Program> program(new Program(engine, std::move(parts), wasi, unknown));
  TRY(program->share_memories());
  TRY(program->prepare_threads(std::move(on_end)));
  return program;
}

/// A shared memory that is imported, and not from another module, is the host's to make: so it is with wasi-threads.
Result<> Program::share_memories() {
  for (const Part &part : parts_) {
    for (const ImportType &import : part.module.imports()) {
      if (import.kind != ExternKind::Memory || !part.module.memory_type(import.index).is_shared) continue;
      if (std::ranges::find(parts_, import.module, &Part::name) != parts_.end()) continue;
      const ImportName name(import.module, import.name);
      if (memories_.contains(name)) continue;
      auto memory = SharedMemory::create(engine_, part.module.memory_type(import.index));
      if (!memory) return std::unexpected(std::move(memory.error()).in_file(part.file.path));
      memories_.emplace(name, std::move(*memory));
    }
  }
  return {};
}

Result<> Program::prepare_threads(std::function<void(const Trap &)> on_end) {
  const auto wants = [](const Part &part) { return std::ranges::any_of(part.module.imports(), begins_threads); };
  const auto wanting = std::ranges::find_if(parts_, wants);
  if (wanting == parts_.end()) return {};
  const auto refuse = [&](std::string_view why) { return std::unexpected(Error("it begins threads (wasi-threads), " + std::string(why)).in_file(wanting->file.path)); };
  if (parts_.size() > 1) return refuse("which is not supported together with --preload");
  const auto exports = main().exports();
  const auto start = std::ranges::find(exports, wasi::kThreadStart, &ExportType::name);
  if (start == exports.end() || start->kind != ExternKind::Func) return refuse("but exports no function wasi_thread_start for them");
  if (main().func_type(start->index) != FuncType{{ValType::I32, ValType::I32}, {}}) return refuse("but its wasi_thread_start is not of type (i32 i32) -> ()");
  if (memories_.empty()) return refuse("but imports no shared memory for them");
  threads_ = std::make_unique<wasi::Threads>(
      engine_, wasi::Threads::Host{[this](Store &store) { return link_thread(store); }, std::move(on_end)});
  return {};
}

Result<Instance *> Program::link_thread(Store &store) {
  std::lock_guard lock(linking_);
  return TRY(link(store)).back();
}

/// Few modules are that old, and every definition is a part of the time to start.
bool Program::imports_unstable() const {
  return std::ranges::any_of(parts_, [](const Part &part) {
    return std::ranges::any_of(part.module.imports(), [](const ImportType &import) { return import.module == wasi::kUnstableModuleName; });
  });
}

Result<std::vector<Instance *>> Program::link(Store &store) {
  Linker linker;
  wasi::define(linker, wasi_);
  if (imports_unstable()) wasi::define_unstable(linker, wasi_);
  if (threads_) threads_->define(linker);
  for (const auto &[name, memory] : memories_) linker.define(name.first, name.second, Extern{.kind = ExternKind::Memory, .memory = store.add_memory(memory)});
  std::vector<Instance *> instances;
  for (const Part &part : parts_) {
    TRY(supply_missing(store, linker, part));
    auto instance = linker.instantiate(store, part.module);
    if (!instance) return std::unexpected(std::move(instance.error()).in_file(part.file.path));
    instances.push_back(*instance);
    if (!part.name.empty()) linker.define_instance(part.name, **instance);
  }
  return instances;
}

Result<> Program::supply_missing(Store &store, Linker &linker, const Part &part) {
  std::vector<ImportType> missing = linker.missing(part.module);
  if (missing.empty()) return {};
  if (unknown_ == UnknownImports::Error)
    return std::unexpected(unknown_imports(part, missing, "; --unknown-imports=trap runs the module until it calls one:"));
  std::vector<ImportType> left;
  for (const ImportType &import : missing) {
    const bool function = import.kind == ExternKind::Func;
    if (function && unknown_ == UnknownImports::Trap) {
      words_.push_back("unknown import " + json_string(import.module) + " " + json_string(import.name) + " was called");
      linker.define(import.module, import.name, trapping_function(part.module.func_type(import.index), words_.back().c_str()));
    } else if (function) {
      linker.define(import.module, import.name, zero_function(part.module.func_type(import.index)));
    } else if (unknown_ == UnknownImports::Zero && import.kind != ExternKind::Tag) {
      linker.define(import.module, import.name, TRY(supply(store, part.module, import)));
    } else {
      left.push_back(import);
    }
  }
  if (!left.empty()) return std::unexpected(unknown_imports(part, left, " of another kind than functions:"));
  return {};
}

Result<Extern> Program::supply(Store &store, const Module &module, const ImportType &import) {
  Extern out{.kind = import.kind};
  if (import.kind == ExternKind::Memory) {
    out.memory = TRY(store.create_memory(module.memory_type(import.index)));
  } else if (import.kind == ExternKind::Table) {
    const TableType type = module.table_type(import.index);
    out.table = TRY(store.create_table(type.element, type.limits, nullptr));
  } else {
    const GlobalType type = module.global_type(import.index);
    out.global = store.create_global(type.type, type.is_mutable, Value{});
  }
  return out;
}

}  // namespace wasmc::cli
