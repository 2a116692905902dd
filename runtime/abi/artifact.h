// The layout of an artifact: what the linker room writes and the loader reads in place.
//
// An artifact is an ELF shared object without dynamic relocations. Sections:
//
//   .text .rodata .eh_frame …   compiled code, mapped as the program headers say
//   .wasmc.code      (in an R segment) int32_t[]: the code table; entry i is `target - &entry[0]`
//   .wasmc.module    ModuleHeader and the flat module description that it points into; read in place
//   .wasmc.names     function and module names, see NameTable
//   .wasmc.data      bytes of the data segments that the image does not hold
//   .wasmc.image     initial contents of memory 0, page-aligned in the file so that it can be mapped privately
//   .wasmc.traps     trap sites, see TrapTable
//   .wasmc.wasm      the original module, unless stripped
//
// Only .wasmc.code is allocated; the loader finds the others by section name in the mapped file. Every multi-byte field is
// little-endian. Ranges are checked against their section by the loader; contents are covered by hashes (see kHashedWhole for when).
#pragma once
#include <cstddef>
#include <cstdint>

#include "abi/context.h"

namespace wasmc::abi {

inline constexpr char kMagic[8] = {'w', 'a', 's', 'm', 'c', 'A', 'O', 'T'};
/// Counts up with any change of this file, context.h, builtins.def or traps.def.
inline constexpr uint32_t kAbiVersion = 6;
/// The name of the custom section that holds an artifact in universal Wasm. Its payload after the name: UniversalHeader,
/// zero bytes up to a file offset that is a multiple of kImageAlignment, the artifact.
inline constexpr char kUniversalSection[] = "wasmc.artifact";
/// File alignment of .wasmc.image and of artifacts within universal Wasm: the largest page size of the supported targets.
inline constexpr uint64_t kImageAlignment = 65536;

enum class Arch : uint32_t { X86_64 = 62, AArch64 = 183 };  // the ELF e_machine numbers

/// A run of elements: `count` structs at `offset` bytes from the start of .wasmc.module.
struct Range {
  uint32_t offset;
  uint32_t count;
};

struct Hash128 {
  uint64_t low, high;
  friend bool operator==(const Hash128 &, const Hash128 &) = default;
};

/// Types as numbers in the description: the binary format's byte codes.
enum class TypeCode : uint8_t { I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b, FuncRef = 0x70, ExternRef = 0x6f };
enum class ExternKind : uint8_t { Func, Table, Memory, Global, Tag };

/// What a reference may point to; `Concrete` is a type of the type section.
enum class HeapCode : uint8_t { None, Func, NoFunc, Extern, Concrete };

/// A value type. `code` is what it is to the machine and to hosts; the rest says which references are of the type.
struct ValueType {
  TypeCode code;
  HeapCode heap;         ///< None if no reference
  uint8_t nullable, reserved;
  uint32_t type;         ///< of Concrete: index of the type in the description, canonical id within the runtime; else 0
  friend bool operator==(const ValueType &, const ValueType &) = default;
};

/// An entry of the type section: a function type.
struct TypeEntry {
  uint32_t types;        ///< offset in .wasmc.module of ValueType[params + results]
  uint16_t params, results;
  uint32_t entry_thunk;  ///< index in the code table, or kNone
  uint32_t super;        ///< index of the declared supertype, or kNone
  uint32_t group_size;   ///< members of the recursion group that begins with this type; 0 inside of one
  uint8_t is_final, reserved[3];
};
inline constexpr uint32_t kNone = ~uint32_t{0};

/// Bytes in the description's string pool; not zero-terminated, valid UTF-8.
struct StringRef {
  uint32_t offset, size;
};

struct LimitsEntry {
  uint64_t min, max;     ///< memories: pages; tables: elements
  uint8_t has_max, is_64, is_shared, reserved[5];
};

struct ImportEntry {
  StringRef module, name;
  ExternKind kind;
  uint8_t reserved[3];
  uint32_t index;        ///< in the index space of the kind
};

struct FunctionEntry {
  uint32_t type;
  uint32_t code;         ///< index in the code table of the body; of an imported function: of the host adapter of its type
  uint32_t wasm_offset;  ///< of the body in the original module; 0 if imported
  int32_t slot;          ///< of an imported function: context offset of its ImportSlot; else 0
  uint32_t entry;        ///< index in the code table of what a reference to the function calls: the body, unless the segment base is used; kNone if it
                         ///< is imported, or if there can be no reference
};

struct TableEntry {
  ValueType element;
  uint8_t imported, reserved[3];
  int32_t slot;          ///< context offset of the TableRecord, or if imported of a TableRecord*
  LimitsEntry limits;
  uint32_t init;         ///< ConstExpr of the initial element, or kNone for null
  uint32_t reserved2;
};

struct MemoryEntry {
  uint8_t imported, page_size_log2, reserved[2];
  int32_t slot;          ///< context offset of the MemoryRecord, or if imported or shared of a MemoryRecord*
  LimitsEntry limits;
};

struct GlobalEntry {
  ValueType type;
  uint8_t imported, is_mutable, reserved[2];
  int32_t slot;          ///< context offset of the value (8 bytes, v128: 16), or if imported of a pointer to it
  uint32_t init;         ///< ConstExpr, or kNone if imported
};

struct ExportEntry {
  StringRef name;
  ExternKind kind;
  uint8_t reserved[3];
  uint32_t index;
};

/// A constant expression: `count` ConstOps from `first`, in the spec's stack order.
struct ConstExpr {
  uint32_t first, count;
};
enum class ConstCode : uint32_t { I32, I64, F32, F64, RefNull, RefFunc, GlobalGet, I32Add, I32Sub, I32Mul, I64Add, I64Sub, I64Mul, V128 };
struct ConstOp {
  ConstCode code;
  uint32_t index;        ///< RefFunc: function; GlobalGet: global
  uint64_t bits;         ///< constants
  uint64_t high;         ///< V128: the high half
};

enum class SegmentMode : uint8_t { Active, Passive, Declarative };

struct ElementEntry {
  SegmentMode mode;
  TypeCode type;
  uint8_t uses_expressions;  ///< items are ConstExpr numbers, else function indices (kNone is null)
  uint8_t reserved;
  uint32_t table;
  uint32_t offset;           ///< ConstExpr; kNone unless active
  Range items;               ///< uint32_t each
};

struct DataEntry {
  SegmentMode mode;
  uint8_t in_image;          ///< active and already part of .wasmc.image: nothing to do at instantiation
  uint8_t reserved[2];
  uint32_t memory;
  uint32_t offset;           ///< ConstExpr; kNone unless active
  uint32_t reserved2;
  uint64_t data, size;       ///< bytes in .wasmc.data
};

/// A run of .wasmc.image: `size` bytes (a multiple of kImageAlignment but for the last run) at `file` bytes from the section's start
/// go to `address` in memory 0; both are multiples of kImageAlignment. Gaps are zero.
struct ImageRun {
  uint64_t address, file, size;
};

/// Up to this size an artifact's whole contents are hashed when it is loaded. Of a larger one only the description is, by which the
/// runtime finds everything else: reading all of 200 MB of code to run some of it takes a quarter of a second. `wasmc inspect` hashes all.
inline constexpr uint64_t kHashedWhole = uint64_t{1} << 20;

/// At the start of .wasmc.module.
struct ModuleHeader {
  char magic[8];
  uint32_t abi_version;
  Arch arch;
  char compiler_version[32];  ///< of wasmc, zero-padded; must equal the loader's
  char triple[48];
  char cpu[32];               ///< name as given; for people
  uint64_t cpu_features[4];   ///< bit i: row i of the architecture's list in cpu_features.def
  BoundsMode bounds;
  uint32_t opt_level;         ///< 0…3, 's' for -Os; for people
  uint64_t file_size;         ///< of the whole artifact
  Hash128 content_hash;       ///< XXH3-128 of the artifact without .wasmc.wasm's bytes, with this field as zeros
  Hash128 description_hash;   ///< XXH3-128 of .wasmc.module, with both of these fields as zeros
  Hash128 wasm_hash;          ///< XXH3-128 of the original module
  uint64_t wasm_size;
  uint32_t context_size;      ///< bytes of the context area, ContextHeader included
  uint16_t memory0_at_context;///< 1: memory 0 is the module's own, not shared, and begins at the context pointer
  uint16_t uses_segment_base; ///< 1: bodies expect the context pointer in the base of the segment GS too; what references call puts it there
  uint32_t code_count;        ///< entries of the code table
  uint32_t start_function;    ///< or kNone
  uint32_t imported_functions;
  int32_t tail_call_slot;     ///< context offset of a TailCall*
  uint32_t handover_size;     ///< not 0: first-tier code. Each body begins with so many bytes that jump to ContextHeader::successors[code index], which is
                              ///< what follows them, until better code of the module takes over
  uint32_t continued_function;///< not kNone: a continuation. Its one entry of the code table goes on in a call of this function at the beginning of …
  uint32_t continued_loop;    ///< … the loop at this offset in the Wasm module: `R code(context, Value *results, Value *state)`, where R and whether
                              ///< there is `results` are the function's, and `state` holds from 1 on its locals, then the operand stack, lowest first
  uint32_t reserved;
  Range strings;              ///< the pool, count in bytes
  Range types;                ///< TypeEntry
  Range imports;              ///< ImportEntry
  Range functions;            ///< FunctionEntry, imported ones first
  Range tables;               ///< TableEntry, imported ones first
  Range memories;             ///< MemoryEntry, imported ones first
  Range globals;              ///< GlobalEntry, imported ones first
  Range exports;              ///< ExportEntry
  Range const_exprs;          ///< ConstExpr
  Range const_ops;            ///< ConstOp
  Range elements;             ///< ElementEntry
  Range element_items;        ///< uint32_t
  Range data;                 ///< DataEntry
  Range image_runs;           ///< ImageRun
};
static_assert(sizeof(ModuleHeader) % 8 == 0);

/// .wasmc.names: this, then uint32_t end[count + 1], then bytes. Name i is bytes [end[i], end[i+1]) — end[0] is the end
/// of the module's own name, which begins at byte 0; an empty name means that the module gives none. `count` is the number of functions.
struct NameTable {
  uint32_t count;
  uint32_t bytes;
};

/// .wasmc.traps: this, then TrapFunction[functions] sorted by code index, then delta-coded sites. A site tells which Wasm
/// instruction a machine address belongs to: pairs of ULEB128 (machine offset from the previous site's, or from the
/// function's start) and SLEB128 (offset in the Wasm module from the previous site's, or from the body's start). A site may lie
/// in another function's body than its machine address: that one was inlined.
struct TrapTable {
  uint32_t functions;
  uint32_t bytes;
};
struct TrapFunction {
  uint32_t code;    ///< index in the code table
  uint32_t sites;   ///< byte offset into the delta-coded sites
  uint32_t size;    ///< bytes of them
};

/// At the start of the custom section's payload in universal Wasm.
struct UniversalHeader {
  char magic[8];
  uint32_t abi_version;
  Arch arch;
  char triple[48];
  uint64_t artifact_offset;  ///< in the file; a multiple of kImageAlignment
  uint64_t artifact_size;
};

}  // namespace wasmc::abi
