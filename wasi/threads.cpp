#include "wasi/threads.h"

#include <array>
#include <memory>
#include <new>
#include <system_error>
#include <thread>

#include "wasi/types.h"

namespace wasmc::wasi {
namespace {

/// Ids are positive, and below this for the sake of guests that keep flags in the upper bits (wasi-libc's locks do).
constexpr uint32_t kMaxThreadId = 0x1fff'ffff;

/// What a thread runs on; the Store must be alive as long as the instance.
struct Room {
  explicit Room(Engine &engine) : store(engine) {}
  Store store;
  Instance *instance = nullptr;
  Func enter;
};

/// The start function of a threaded module knows by a mark in the memory that the first thread has initialised it.
TrapOr<> run(Room &room, int32_t id, uint32_t argument) {
  if (auto started = Linker::start(room.store, *room.instance); !started) return std::unexpected(std::move(started.error()));
  std::array<Value, 2> values{};
  values[0].i32 = id;
  values[1].i32 = static_cast<int32_t>(argument);
  return room.enter.call(room.store, values);
}

}  // namespace

void Threads::define(Linker &linker) { linker.define(kThreadsModuleName, kThreadSpawn, host_function<&Threads::spawn>(this)); }

int32_t Threads::spawn(Caller caller, uint32_t argument) {
  Threads &threads = caller.env<Threads>();
  const uint32_t id = threads.last_id_.fetch_add(1, std::memory_order_relaxed) + 1;
  try {
    if (id <= kMaxThreadId && threads.begin(static_cast<int32_t>(id), argument)) return static_cast<int32_t>(id);
  } catch (const std::bad_alloc &) {  // must not go up through compiled code
  }
  return -static_cast<int32_t>(Errno::Again);
}

Result<> Threads::begin(int32_t id, uint32_t argument) {
  // Made here, so that a guest hears of it if there is no room for one more.
  auto room = std::make_unique<Room>(engine_);
  room->instance = TRY(host_.instantiate(room->store));
  room->enter = room->instance->get(kThreadStart).func;
  if (!room->enter || room->enter.type(room->store) != FuncType{{ValType::I32, ValType::I32}, {}})
    return fail("no function wasi_thread_start of type (i32 i32) -> ()");
  try {
    std::thread([this, id, argument, room = std::move(room)] {
      if (const auto done = run(*room, id, argument); !done) host_.on_end(done.error());
    }).detach();
  } catch (const std::system_error &) {
    return fail("the system has no more threads");
  }
  return {};
}

}  // namespace wasmc::wasi
