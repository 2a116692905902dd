// Types as text.
#include "wasm/types.h"

namespace wasmc::wasm {

namespace {

std::string heap_text(HeapType heap) {
  switch (heap.kind) {
    case HeapKind::Func: return "func";
    case HeapKind::Extern: return "extern";
    case HeapKind::Concrete: return std::to_string(raw(heap.index));
    case HeapKind::NoFunc: return "nofunc";
    case HeapKind::Bottom: return "bottom";
  }
  __builtin_unreachable();
}

std::string ref_text(ValType type) {
  if (type.nullable() && type.heap().kind == HeapKind::NoFunc) return "nullfuncref";
  if (type.nullable() && type.heap().kind != HeapKind::Concrete) return heap_text(type.heap()) + "ref";
  return std::string(type.nullable() ? "(ref null " : "(ref ") + heap_text(type.heap()) + ")";
}

std::string list_text(std::span<const ValType> types) {
  std::string out = "(";
  for (ValType type : types) {
    if (out.size() > 1) out += ' ';
    out += to_string(type);
  }
  return out + ")";
}

}  // namespace

std::string to_string(ValType type) {
  switch (type.kind()) {
    case ValType::Kind::I32: return "i32";
    case ValType::Kind::I64: return "i64";
    case ValType::Kind::F32: return "f32";
    case ValType::Kind::F64: return "f64";
    case ValType::Kind::V128: return "v128";
    case ValType::Kind::Ref: return ref_text(type);
    case ValType::Kind::Bottom: return "bottom";
  }
  __builtin_unreachable();
}

std::string to_string(HeapType type) { return heap_text(type); }

std::string to_string(const FuncType &type) { return list_text(type.params) + " -> " + list_text(type.results); }

}  // namespace wasmc::wasm
