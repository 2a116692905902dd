// functions.def in the linker: for each row a host function of the row's Wasm type, made at compile time from the row's letters.
#include <new>
#include <utility>

#include "wasi/functions.h"

namespace wasmc::wasi {
namespace {

/// A row's signature as a template argument.
struct Signature {
  char text[16] = {};
  template <size_t N> consteval Signature(const char (&from)[N]) {
    static_assert(N <= sizeof text);
    for (size_t i = 0; i < N; ++i) text[i] = from[i];
  }
  consteval size_t params() const {
    size_t count = 0;
    while (text[count] != ':') ++count;
    return count;
  }
  consteval bool has_result() const { return text[params() + 1] == 'i'; }
};

template <char Letter> struct WireType;
template <> struct WireType<'i'> { using type = uint32_t; };
template <> struct WireType<'l'> { using type = uint64_t; };

template <class... P> struct Params {};
template <Signature S, size_t... I> Params<typename WireType<S.text[I]>::type...> params_of(std::index_sequence<I...>);
template <Signature S> using ParamsOf = decltype(params_of<S>(std::make_index_sequence<S.params()>()));

/// A handler's answer as the guest gets it. An exception must not go up through compiled code.
template <class Handle> uint32_t number_of(Handle handle) {
  try {
    const Or<> result = handle();
    return result ? 0 : static_cast<uint32_t>(result.error());
  } catch (const std::bad_alloc &) {
    return static_cast<uint32_t>(Errno::Nomem);
  }
}

/// Calls a handler, which must be one of these four shapes with the row's parameters.
template <auto Handler, bool HasResult, class List> struct Entry;
template <auto Handler, bool HasResult, class... P> struct Entry<Handler, HasResult, Params<P...>> {
  using H = decltype(Handler);
  static constexpr bool kPlain = std::is_same_v<H, Or<> (*)(Context &, P...)>;
  static constexpr bool kMemory = std::is_same_v<H, Or<> (*)(Context &, GuestMemory, P...)>;
  static constexpr bool kLeaves = std::is_same_v<H, TrapOr<> (*)(Context &, P...)>;
  static constexpr bool kMayLeave = std::is_same_v<H, TrapOr<Or<>> (*)(Context &, P...)>;
  static_assert(kPlain || kMemory || kLeaves || kMayLeave, "the handler's signature does not match its row in functions.def");
  static_assert(HasResult == !kLeaves, "a row has a result unless its function never returns");

  static auto call(Caller caller, P... params) {
    auto &context = caller.env<Context>();
    if constexpr (kMemory) {
      Memory memory = caller.memory();
      if (!memory) [[unlikely]] return TrapOr<uint32_t>(no_memory());
      return TrapOr<uint32_t>(number_of([&] { return Handler(context, GuestMemory(memory.bytes()), params...); }));
    } else if constexpr (kPlain) {
      return number_of([&] { return Handler(context, params...); });
    } else if constexpr (kMayLeave) {
      auto done = Handler(context, params...);
      return done ? TrapOr<uint32_t>(number_of([&] { return *done; })) : std::unexpected(std::move(done.error()));
    } else {
      return Handler(context, params...);
    }
  }
  [[gnu::cold]] static std::unexpected<Trap> no_memory() {
    return std::unexpected(Trap::host("WASI needs the memory of the module exported as \"memory\""));
  }
};

template <Signature S, auto Handler> HostFunction make(Context &context) {
  return host_function<&Entry<Handler, S.has_result(), ParamsOf<S>>::call>(&context);
}

}  // namespace

void define(Linker &linker, Context &context) {
#define WASMC_WASI(name, signature, unstable) linker.define(kModuleName, #name, make<signature, &name>(context));
#include "wasi/functions.def"
}

void define_unstable(Linker &linker, Context &context) {
#define WASMC_UNSTABLE_Same(name, signature) linker.define(kUnstableModuleName, #name, make<signature, &name>(context));
#define WASMC_UNSTABLE_Own(name, signature) linker.define(kUnstableModuleName, #name, make<signature, &unstable::name>(context));
#define WASMC_UNSTABLE_Absent(name, signature)
#define WASMC_WASI(name, signature, unstable) WASMC_UNSTABLE_##unstable(name, signature)
#include "wasi/functions.def"
}

}  // namespace wasmc::wasi
