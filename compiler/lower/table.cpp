// Tables (spec 4.4.6 Table Instructions). Only call_indirect is hot and open-coded (call.cpp); these go through builtins, which know
// about lazily initialised entries.
#include "lower/function.h"

namespace wasmc::lower {

using abi::BuiltinId;

llvm::Value *FunctionLowering::table_length(wasm::TableIndex table) {
  const wasm::TableType &type = wasm_.tables[raw(table)].type;
  const bool imported = raw(table) < wasm_.imported_tables;
  if (!imported && type.limits.max == type.limits.min) return i64(type.limits.min);  // cannot grow
  llvm::Value *record = this->record(shared_.layout().tables[raw(table)], imported);
  llvm::Value *length = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), record, offsetof(abi::TableRecord, length));
  return shared_.tag(builder_.CreateAlignedLoad(builder_.getInt64Ty(), length, llvm::Align(8)), Storage::Record);
}

void FunctionLowering::table(const wasm::OpInfo &op, const wasm::TableImm &imm) {
  llvm::Value *table = i32(raw(imm.table));
  if (op.arg == wasm::Arg::Get) return push(call_builtin(BuiltinId::table_get, {table, widen(pop())}));
  llvm::Value *reference = pop(), *index = widen(pop());
  call_builtin(BuiltinId::table_set, {table, index, reference});
}

void FunctionLowering::table_size(const wasm::OpInfo &, const wasm::TableImm &imm) {
  push(narrow(table_length(imm.table), wasm_.tables[raw(imm.table)].type.limits));
}

void FunctionLowering::table_grow(const wasm::OpInfo &, const wasm::TableImm &imm) {
  llvm::Value *count = widen(pop()), *reference = pop();
  llvm::Value *previous = call_builtin(BuiltinId::table_grow, {i32(raw(imm.table)), reference, count});
  push(narrow(previous, wasm_.tables[raw(imm.table)].type.limits));
}

void FunctionLowering::table_fill(const wasm::OpInfo &, const wasm::TableImm &imm) {
  llvm::Value *count = widen(pop()), *reference = pop(), *destination = widen(pop());
  call_builtin(BuiltinId::table_fill, {i32(raw(imm.table)), destination, reference, count});
}

void FunctionLowering::table_copy(const wasm::OpInfo &, const wasm::TableCopyImm &imm) {
  llvm::Value *count = widen(pop()), *source = widen(pop()), *destination = widen(pop());
  call_builtin(BuiltinId::table_copy, {i32(raw(imm.destination)), i32(raw(imm.source)), destination, source, count});
}

void FunctionLowering::table_init(const wasm::OpInfo &, const wasm::TableInitImm &imm) {
  llvm::Value *count = widen(pop()), *source = widen(pop()), *destination = widen(pop());
  call_builtin(BuiltinId::table_init, {i32(raw(imm.table)), i32(raw(imm.elem)), destination, source, count});
}

void FunctionLowering::elem_drop(const wasm::OpInfo &, const wasm::ElemImm &imm) {
  call_builtin(BuiltinId::elem_drop, {i32(raw(imm.elem))});
}

}  // namespace wasmc::lower
