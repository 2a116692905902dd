#include "wasm/constant.h"

namespace wasmc::wasm {

namespace {

class ConstantReader {
 public:
  ConstantReader(Reader &reader, Module &module) : reader_(reader), module_(module) {}

  Result<ConstExpr> read(ValType expected) {
    const uint64_t begin = reader_.offset();
    for (;;) {
      at_ = reader_.offset();
      const OpInfo *op;
      TRY(reader_.read(op));
      if (op->family == Family::end) break;
      TRY(instruction(*op));
    }
    if (types_.size() != 1 || !module_.matches(types_[0], expected)) return mismatch(expected);
    expr_.bytes = module_.bytes.subspan(size_t(begin), size_t(reader_.offset() - begin));
    return std::move(expr_);
  }

 private:
  Result<> instruction(const OpInfo &op) {
    switch (op.family) {
      case Family::constant: return constant(op);
      case Family::v128_constant: return v128_constant(op);
      case Family::ref_null: return ref_null(op);
      case Family::ref_func: return ref_func(op);
      case Family::global: return global(op);
      case Family::binary: return binary(op);
      default: return not_constant();
    }
  }

  Result<> constant(const OpInfo &op) {
    ConstImm imm{};
    TRY(reader_.read(op, imm));
    return accept({.code = op.code, .bits = imm.bits}, type_of_letter(op.signature.results[0]));
  }

  Result<> v128_constant(const OpInfo &op) {
    V128Imm imm{};
    TRY(reader_.read(op, imm));
    return accept({.code = op.code, .bits = imm.low, .high = imm.high}, kV128);
  }

  Result<> ref_null(const OpInfo &op) {
    HeapTypeImm imm{};
    TRY(reader_.read(op, imm));
    return accept({.code = op.code}, ValType::ref(imm.type));
  }

  Result<> ref_func(const OpInfo &op) {
    FuncImm imm{};
    TRY(reader_.read(op, imm));
    const uint32_t index = raw(imm.func);
    if (index >= module_.functions.size()) return fail("unknown function " + std::to_string(index), at_);
    module_.declared_functions[index] = true;
    return accept({.code = op.code, .index = index}, ValType::ref({HeapKind::Concrete, module_.functions[index]}, false));
  }

  Result<> global(const OpInfo &op) {
    if (op.arg != Arg::Get) return not_constant();
    GlobalImm imm{};
    TRY(reader_.read(op, imm));
    const uint32_t index = raw(imm.global);
    if (index >= module_.globals.size()) return fail("unknown global " + std::to_string(index), at_);
    const GlobalType &type = module_.globals[index].type;
    if (type.is_mutable) return not_constant();
    return accept({.code = op.code, .index = index}, type.type);
  }

  /// The extended constants: add, sub and mul of integers.
  Result<> binary(const OpInfo &op) {
    const ValType type = type_of_letter(op.signature.results[0]);
    const bool is_integer = type == kI32 || type == kI64;
    if (!is_integer || (op.arg != Arg::Add && op.arg != Arg::Sub && op.arg != Arg::Mul)) return not_constant();
    for (int operand = 0; operand < 2; ++operand) {
      if (types_.empty() || types_.back() != type) return mismatch(type);
      types_.pop_back();
    }
    return accept({.code = op.code}, type);
  }

  Result<> accept(ConstOp op, ValType result) {
    expr_.ops.push_back(op);
    types_.push_back(result);
    return {};
  }

  std::unexpected<Error> not_constant() const { return fail("constant expression required", at_); }
  std::unexpected<Error> mismatch(ValType expected) const {
    std::string found = types_.empty() ? "nothing" : to_string(types_.back());
    if (types_.size() > 1) found += " and " + std::to_string(types_.size() - 1) + " more values";
    return fail("type mismatch: expected " + to_string(expected) + ", found " + found, at_);
  }

  Reader &reader_;
  Module &module_;
  uint64_t at_ = 0;
  ConstExpr expr_;
  std::vector<ValType> types_;
};

}  // namespace

Result<ConstExpr> read_constant_expression(Reader &reader, Module &module, ValType expected) {
  return ConstantReader(reader, module).read(expected);
}

}  // namespace wasmc::wasm
