// What programs with threads need and no C library here has: WASI's calls, threads over `thread-spawn`, locks over wait and notify.
// A program includes it once, and defines `run`.
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasi/api.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) name
uint16_t WASI(args_get)(char **arguments, char *text);
uint16_t WASI(args_sizes_get)(uint32_t *count, uint32_t *size);
uint16_t WASI(clock_time_get)(uint32_t clock, uint64_t precision, uint64_t *time);
uint16_t WASI(fd_close)(uint32_t fd);
uint16_t WASI(fd_filestat_get)(uint32_t fd, __wasi_filestat_t *info);
uint16_t WASI(fd_pread)(uint32_t fd, const __wasi_iovec_t *parts, uint32_t count, uint64_t offset, uint32_t *size);
uint16_t WASI(fd_read)(uint32_t fd, const __wasi_iovec_t *parts, uint32_t count, uint32_t *size);
uint16_t WASI(fd_readdir)(uint32_t fd, void *buffer, uint32_t size, uint64_t cookie, uint32_t *used);
uint16_t WASI(fd_renumber)(uint32_t from, uint32_t to);
uint16_t WASI(fd_seek)(uint32_t fd, int64_t offset, uint32_t whence, uint64_t *position);
uint16_t WASI(fd_write)(uint32_t fd, const __wasi_ciovec_t *parts, uint32_t count, uint32_t *size);
uint16_t WASI(path_open)(uint32_t dir, uint32_t lookup, const char *path, uint32_t length, uint32_t oflags, uint64_t rights,
                         uint64_t inheriting, uint32_t flags, uint32_t *fd);
uint16_t WASI(path_rename)(uint32_t dir, const char *path, uint32_t length, uint32_t to_dir, const char *to, uint32_t to_length);
uint16_t WASI(path_unlink_file)(uint32_t dir, const char *path, uint32_t length);
uint16_t WASI(poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, uint32_t count, uint32_t *ready);
uint16_t WASI(sched_yield)(void);
[[noreturn]] void WASI(proc_exit)(uint32_t code);
int32_t thread_spawn(void *argument) __attribute__((import_module("wasi"), import_name("thread-spawn")));

enum { DIRECTORY = 3, FOREVER = -1, MAX_THREADS = 256, THREAD_STACK = 16 << 10 };

// --- Text ---

static uint32_t length_of(const char *text) {
  uint32_t length = 0;
  while (text[length]) length++;
  return length;
}

static void print(const char *text) {
  uint32_t written;
  __wasi_ciovec_t part = {(const uint8_t *)text, length_of(text)};
  fd_write(1, &part, 1, &written);
}

// The digits of a number, at the end of the buffer.
static char *digits(char buffer[24], uint64_t number) {
  char *at = buffer + 23;
  *at = 0;
  do *--at = (char)('0' + number % 10);
  while (number /= 10);
  return at;
}

// One call of fd_write, so that lines of different threads do not mix.
static void print_number(const char *what, uint64_t number) {
  char buffer[24];
  const char *text = digits(buffer, number);
  uint32_t written;
  __wasi_ciovec_t parts[] = {{(const uint8_t *)what, length_of(what)}, {(const uint8_t *)": ", 2},
                             {(const uint8_t *)text, length_of(text)}, {(const uint8_t *)"\n", 1}};
  fd_write(1, parts, 4, &written);
}

static bool same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static uint32_t number_of(const char *text) {
  uint32_t number = 0;
  while (*text >= '0' && *text <= '9') number = number * 10 + (uint32_t)(*text++ - '0');
  return number;
}

// --- Waiting ---

static void wait_while(_Atomic int32_t *cell, int32_t value) {
  while (*cell == value) __builtin_wasm_memory_atomic_wait32((int32_t *)cell, value, FOREVER);
}

static uint32_t wake(_Atomic int32_t *cell, uint32_t count) { return __builtin_wasm_memory_atomic_notify((int32_t *)cell, count); }

static void sleep_for(uint64_t nanoseconds) {
  __wasi_subscription_t in = {.u = {.tag = __WASI_EVENTTYPE_CLOCK}};
  in.u.u.clock = (__wasi_subscription_clock_t){.id = __WASI_CLOCKID_MONOTONIC, .timeout = nanoseconds};
  __wasi_event_t out;
  uint32_t ready;
  poll_oneoff(&in, &out, 1, &ready);
}

struct mutex {
  _Atomic int32_t state;  // 0 free, 1 taken, 2 taken and somebody waits
};

static void lock(struct mutex *mutex) {
  int32_t state = 0;
  if (atomic_compare_exchange_strong(&mutex->state, &state, 1)) return;
  while (atomic_exchange(&mutex->state, 2) != 0) __builtin_wasm_memory_atomic_wait32((int32_t *)&mutex->state, 2, FOREVER);
}

static void unlock(struct mutex *mutex) {
  if (atomic_exchange(&mutex->state, 0) == 2) wake(&mutex->state, 1);
}

// Something has changed: who waits looks again.
struct condition {
  _Atomic int32_t changes;
};

static void wait_for_change(struct condition *condition, struct mutex *mutex) {
  int32_t seen = condition->changes;
  unlock(mutex);
  __builtin_wasm_memory_atomic_wait32((int32_t *)&condition->changes, seen, FOREVER);
  lock(mutex);
}

static void tell(struct condition *condition) {
  condition->changes++;
  wake(&condition->changes, UINT32_MAX);
}

// --- Threads ---

struct thread {
  void *stack_end;  // first: wasi_thread_start reads it
  void *tls;
  void (*run)(void *argument);
  void *argument;
  int32_t id;
  _Atomic int32_t running;
};

_Alignas(16) static char thread_stacks[MAX_THREADS][THREAD_STACK], thread_locals[MAX_THREADS][64];
static struct thread threads[MAX_THREADS];

// A new instance's stack pointer is the main thread's until it is set, which C cannot do.
__asm__(
    ".globaltype __stack_pointer, i32\n"
    ".functype thread_main (i32, i32) -> ()\n"
    ".globl wasi_thread_start\n"
    ".export_name wasi_thread_start, wasi_thread_start\n"
    ".type wasi_thread_start,@function\n"
    "wasi_thread_start:\n"
    "  .functype wasi_thread_start (i32, i32) -> ()\n"
    "  local.get 1\n"
    "  i32.load 0\n"
    "  global.set __stack_pointer\n"
    "  local.get 0\n"
    "  local.get 1\n"
    "  call thread_main\n"
    "  end_function\n");

void __wasm_init_tls(void *block);  // the linker's

__attribute__((used)) void thread_main(int32_t id, struct thread *thread) {
  __wasm_init_tls(thread->tls);
  thread->id = id;
  thread->run(thread->argument);
  // Nothing behind this uses the stack: its next owner may have it already.
  thread->running = 0;
  wake(&thread->running, UINT32_MAX);
}

// The id, or a negative number as thread-spawn gives it. A slot is free again once it was joined.
static int32_t start(uint32_t slot, void (*run)(void *), void *argument) {
  struct thread *thread = &threads[slot];
  thread->stack_end = thread_stacks[slot] + THREAD_STACK;
  thread->tls = thread_locals[slot];
  thread->run = run;
  thread->argument = argument;
  thread->running = 1;
  int32_t id = thread_spawn(thread);
  if (id < 0) thread->running = 0;
  return id;
}

static void join(uint32_t slot) { wait_while(&threads[slot].running, 1); }

static void start_all(uint32_t count, void (*run)(void *)) {
  for (uint32_t i = 0; i < count; i++)
    if (start(i, run, (void *)(uintptr_t)i) < 0) print("a thread did not start\n");
}

static void join_all(uint32_t count) {
  for (uint32_t i = 0; i < count; i++) join(i);
}

// --- Start ---

static int run(int argc, char **argv);

__attribute__((export_name("_start"))) void _start(void) {
  static char *arguments[16], text[1024];
  uint32_t count, size;
  if (args_sizes_get(&count, &size) || count > 16 || size > sizeof text || args_get(arguments, text)) __builtin_trap();
  const int code = run((int)count, arguments);
  if (code) proc_exit((uint32_t)code);
}
