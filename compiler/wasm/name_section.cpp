#include "wasm/name_section.h"

namespace wasmc::wasm {

namespace {

Result<std::map<uint32_t, NameMap>> read_indirect_name_map(Reader &reader) {
  std::map<uint32_t, NameMap> out;
  const uint32_t count = TRY(reader.count());
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t index = TRY(reader.u32());
    out[index] = TRY(read_name_map(reader));
  }
  return out;
}

Result<> read_subsection(uint8_t id, Reader &payload, NameSection &out) {
  switch (NameSpace(id)) {
    case NameSpace::Module: out.module = TRY(payload.name()); break;
    case NameSpace::Local: out.locals = TRY(read_indirect_name_map(payload)); break;
    case NameSpace::Label: out.labels = TRY(read_indirect_name_map(payload)); break;
    default:
      if (id >= kNameSpaces) return {};
      out.maps[id] = TRY(read_name_map(payload));
  }
  if (!payload.done()) return fail("section size mismatch", payload.offset());
  return {};
}

}  // namespace

Result<NameMap> read_name_map(Reader &reader) {
  NameMap out;
  const uint32_t count = TRY(reader.count());
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t index = TRY(reader.u32());
    out.emplace_back(index, TRY(reader.name()));
  }
  return out;
}

Result<NameSection> read_name_section(std::span<const uint8_t> payload) {
  NameSection out;
  for (Reader reader(payload); !reader.done();) {
    const uint8_t id = TRY(reader.byte());
    Reader subsection = TRY(reader.slice(TRY(reader.u32())));
    TRY(read_subsection(id, subsection, out));
  }
  return out;
}

}  // namespace wasmc::wasm
