// What a decoded module can tell about itself.
#include "wasm/module.h"

#include "wasm/opcode.h"

namespace wasmc::wasm {

namespace {

/// A name as a text-format string, so that hostile names cannot break out of a message or reach a terminal.
std::string quoted(std::string_view name) {
  constexpr const char *kDigits = "0123456789abcdef";
  std::string out = "\"";
  for (char c : name) {
    const auto byte = uint8_t(c);
    if (byte < 0x20 || byte == 0x7f || c == '"' || c == '\\')
      (out += '\\') += {kDigits[byte >> 4], kDigits[byte & 15]};
    else
      out += c;
  }
  return out + '"';
}

}  // namespace

std::optional<uint64_t> ConstExpr::constant() const {
  if (ops.size() != 1 || (ops[0].code != op::I32Const && ops[0].code != op::I64Const)) return std::nullopt;
  return ops[0].bits;
}

bool Module::matches(TypeIndex sub, TypeIndex super) const {
  const TypeIndex wanted = types[raw(super)].canonical;
  for (std::optional<TypeIndex> type = sub; type; type = types[raw(*type)].super)
    if (types[raw(*type)].canonical == wanted) return true;
  return false;
}

bool Module::matches(HeapType sub, HeapType super) const {
  const auto is_function = [](HeapKind kind) { return kind == HeapKind::Func || kind == HeapKind::Concrete || kind == HeapKind::NoFunc; };
  if (sub == super || sub.kind == HeapKind::Bottom) return true;
  if (sub.kind == HeapKind::NoFunc) return is_function(super.kind);
  if (sub.kind != HeapKind::Concrete) return false;
  // Every type that can be defined so far is a function type.
  return super.kind == HeapKind::Func || (super.kind == HeapKind::Concrete && matches(sub.index, super.index));
}

bool Module::matches_slowly(ValType sub, ValType super) const {
  if (sub == kBottom) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  return sub.nullable() <= super.nullable() && matches(sub.heap(), super.heap());
}

std::string_view Module::function_name(FuncIndex func) const {
  if (raw(func) < function_names.size() && !function_names[raw(func)].empty()) return function_names[raw(func)];
  return raw(func) < exported_as.size() ? exported_as[raw(func)] : std::string_view();
}

std::string Module::describe(FuncIndex func) const {
  std::string out = "function " + std::to_string(raw(func));
  if (const std::string_view name = function_name(func); !name.empty()) out += " " + quoted(name);
  return out;
}

}  // namespace wasmc::wasm
