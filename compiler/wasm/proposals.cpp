#include "wasm/proposals.h"

namespace wasmc::wasm {

namespace {

constexpr const char *kExceptions = "exception handling", *kGc = "GC", *kStacks = "stack switching";

struct Row {
  CodeSpace space;
  uint32_t first, last;
  const char *proposal;
};

constexpr Row kRows[] = {
    {CodeSpace::Opcode, 0x06, 0x0a, kExceptions},          // try, catch, throw, rethrow, throw_ref
    {CodeSpace::Opcode, 0x18, 0x19, kExceptions},          // delegate, catch_all
    {CodeSpace::Opcode, 0x1f, 0x1f, kExceptions},          // try_table
    {CodeSpace::Opcode, 0xd3, 0xd3, kGc},                  // ref.eq
    {CodeSpace::Opcode, 0xe0, 0xe6, kStacks},              // cont.new … switch
    {CodeSpace::Opcode, 0xfb0000, 0xfbffff, kGc},          // struct.*, array.*, ref.test, ref.cast, i31.*
    {CodeSpace::Type, 0x77, 0x78, kGc},                    // packed i16, i8
    {CodeSpace::Type, 0x75, 0x75, kStacks},                // nocontref
    {CodeSpace::Type, 0x74, 0x74, kExceptions},            // nullexnref
    {CodeSpace::Type, 0x71, 0x72, kGc},                    // nullref, nullexternref
    {CodeSpace::Type, 0x6a, 0x6e, kGc},                    // anyref, eqref, i31ref, structref, arrayref
    {CodeSpace::Type, 0x69, 0x69, kExceptions},            // exnref
    {CodeSpace::Type, 0x68, 0x68, kStacks},                // contref
    {CodeSpace::CompositeType, 0x5d, 0x5d, kStacks},       // cont
    {CodeSpace::CompositeType, 0x5e, 0x5f, kGc},           // array, struct
    {CodeSpace::Section, 0x0d, 0x0d, kExceptions},         // tags
    {CodeSpace::Extern, 0x04, 0x04, kExceptions},          // tag
};

}  // namespace

std::string unsupported_proposal(const char *name) { return std::string("proposal ") + name + " is not supported yet"; }

std::optional<std::string> later_proposal(CodeSpace space, uint32_t code) {
  for (const Row &row : kRows)
    if (row.space == space && row.first <= code && code <= row.last) return unsupported_proposal(row.proposal);
  return std::nullopt;
}

}  // namespace wasmc::wasm
