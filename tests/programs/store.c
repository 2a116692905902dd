// A small store of accounts that several processes use at once, as a database would: a log of transfers with checksums, a lock
// file, a sync after each append, recovery that cuts off what a crash left half written, compaction that puts a new file over the
// old one. Readers take no lock.
//
// Transfers only add and subtract, so what all of them come to does not depend on whose turn it was: the last step prints the state
// and writes it in a form of its own, and both must be exactly what the native program's processes come to.
//
//: run create 24
//: then work 1 120 6
//: beside work 2 120 6
//: beside work 3 120 6
//: beside work 4 120 6
//: beside tear 5 20 6
//: beside read 6 480 6
//: then crash 7
//: then break-lock
//: then check 1 120 2 120 3 120 4 120
//
// The same with processes of the native program among them: each must understand what the other leaves behind.
//
//: run create 7
//: then work 1 150 6
//: beside-native work 2 150 6
//: beside work 3 150 6
//: beside-native tear 4 15 6
//: beside-native read 5 450 6
//: beside read 6 450 6
//: then crash 7
//: then-native break-lock
//: then work 8 20 1
//: then-native crash 7
//: then break-lock
//: then-native work 9 20 1
//: then check 1 150 2 150 3 150 8 20 9 20
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ACCOUNTS = 64, MAX_WRITERS = 16, START = 1000, MAX_LOG = 16 << 10, CRASH_EXIT = 7 };

// Both kinds of process are little-endian, and there is no padding: the same bytes.
struct snapshot {  // what a file begins with
  uint32_t magic, accounts;
  int64_t balance[MAX_ACCOUNTS];
  uint32_t done[MAX_WRITERS];  // transfers by each writer
  uint32_t compactions, recoveries;
};
struct record {  // of variable length: the note follows
  uint32_t size;  // of all, checksum included
  uint32_t writer, sequence, from, to, amount;
  char note[64];  // and then a checksum of what is before it
};
static_assert(sizeof(struct snapshot) == 16 + 8 * MAX_ACCOUNTS + 4 * MAX_WRITERS && sizeof(struct record) == 24 + 64);
enum { MAGIC = 0x53746f72, RECOVERY = 0xffffffff, CHECKSUM = 8, HEAD = offsetof(struct record, note) };

static const char kLog[] = "store.log", kNew[] = "store.new", kLock[] = "store.lock";

[[noreturn]] static void give_up(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t checksum(const void *bytes, size_t size) {  // FNV-1a
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
  return hash;
}

static void pause_briefly(void) { nanosleep(&(struct timespec){0, 300000}, NULL); }

static void write_all(int fd, const void *bytes, size_t size) {
  if (write(fd, bytes, size) != (ssize_t)size) give_up("write");
}

// WASI has no flock: who makes the file has the lock. Its content is for the one who finds it after a crash.
static void lock(uint32_t writer) {
  int fd;
  while ((fd = open(kLock, O_WRONLY | O_CREAT | O_EXCL, 0644)) < 0) {
    if (errno != EEXIST) give_up("lock");
    pause_briefly();
  }
  write_all(fd, &writer, sizeof writer);
  if (close(fd) != 0) give_up("close lock");
}

static void unlock(void) {
  if (unlink(kLock) != 0) give_up("unlock");
}

// One snapshot and the records behind it, as far as they are whole. The size of that part; 0 if even the snapshot is not.
static size_t replay(const uint8_t *bytes, size_t size, struct snapshot *state) {
  size_t at = sizeof *state + CHECKSUM;
  uint64_t sum;
  if (size < at) return 0;
  memcpy(state, bytes, sizeof *state);
  memcpy(&sum, bytes + sizeof *state, sizeof sum);
  if (state->magic != MAGIC || sum != checksum(state, sizeof *state)) return 0;
  while (size - at >= HEAD + CHECKSUM) {
    struct record record;
    memcpy(&record, bytes + at, HEAD);
    if (record.size < HEAD + CHECKSUM || record.size > sizeof record + CHECKSUM || record.size > size - at) break;
    memcpy(&sum, bytes + at + record.size - CHECKSUM, sizeof sum);
    if (sum != checksum(bytes + at, record.size - CHECKSUM)) break;
    if (record.writer == RECOVERY) {
      state->recoveries++;
    } else {
      if (record.writer >= MAX_WRITERS || record.sequence != state->done[record.writer]) break;
      state->done[record.writer]++;
      state->balance[record.from] -= record.amount;
      state->balance[record.to] += record.amount;
    }
    at += record.size;
  }
  return at;
}

// Reads the file that is there now, all of it, through a descriptor of its own.
static size_t load(struct snapshot *state, size_t *file_size) {
  int fd = open(kLog, O_RDONLY);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) give_up("open log");
  size_t size = (size_t)info.st_size, got = 0;
  uint8_t *bytes = malloc(size ? size : 1);
  for (ssize_t part; got < size; got += (size_t)part)
    if ((part = pread(fd, bytes + got, size - got, (off_t)got)) <= 0) break;  // cut off meanwhile by a recovery
  size_t whole = replay(bytes, got, state);
  free(bytes);
  close(fd);
  if (file_size) *file_size = got;
  return whole;
}

static void append(int fd, struct record *record, size_t note) {
  uint8_t bytes[sizeof *record + CHECKSUM];
  record->size = (uint32_t)(HEAD + note + CHECKSUM);
  memcpy(bytes, record, HEAD + note);
  uint64_t sum = checksum(bytes, HEAD + note);
  memcpy(bytes + HEAD + note, &sum, sizeof sum);
  write_all(fd, bytes, record->size);
  if (fsync(fd) != 0) give_up("sync");
}

// With the lock: puts the state into a new file, and that over the old one. Whoever reads keeps the old one until it is closed.
static void write_snapshot(const struct snapshot *state) {
  uint64_t sum = checksum(state, sizeof *state);
  int fd = open(kNew, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0) give_up("open new log");
  write_all(fd, state, sizeof *state);
  write_all(fd, &sum, sizeof sum);
  if (fsync(fd) != 0 || close(fd) != 0) give_up("close new log");
  if (rename(kNew, kLog) != 0) give_up("rename");
}

// With the lock: the open log. A descriptor stays good until another process has put a new file over the one it is of.
static int current_log(int fd) {
  struct stat opened, named;
  if (fd >= 0) {
    if (fstat(fd, &opened) != 0 || stat(kLog, &named) != 0) give_up("stat log");
    if (opened.st_ino == named.st_ino && opened.st_dev == named.st_dev) return fd;
    close(fd);
  }
  fd = open(kLog, O_RDWR | O_APPEND);
  if (fd < 0) give_up("open log");
  return fd;
}

// Takes the lock. What a crash left half written is cut off, and that is noted.
static int begin(uint32_t writer, int log, struct snapshot *state) {
  lock(writer);
  log = current_log(log);
  size_t size, whole = load(state, &size);
  if (!whole) give_up("no snapshot");
  if (whole == size) return log;
  if (ftruncate(log, (off_t)whole) != 0) give_up("truncate");
  append(log, &(struct record){.writer = RECOVERY}, 0);
  state->recoveries++;
  return log;
}

static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525 + 1013904223;
  return *state >> 8;
}

static struct record transfer(uint32_t writer, uint32_t sequence, uint32_t accounts, uint32_t *random, size_t *note) {
  struct record record = {.writer = writer, .sequence = sequence};
  record.from = next_random(random) % accounts;
  record.to = next_random(random) % accounts;
  record.amount = next_random(random) % 100;
  *note = next_random(random) % sizeof record.note;
  memset(record.note, 'a' + (int)(sequence % 26), *note);
  return record;
}

// All begin together: each makes a file and waits for those of the others.
static void wait_for_all(uint32_t process, int processes) {
  char name[32];
  snprintf(name, sizeof name, "ready-%u", (unsigned)process);
  close(open(name, O_WRONLY | O_CREAT | O_EXCL, 0644));
  for (int ready = 0; ready < processes; pause_briefly()) {
    DIR *dir = opendir(".");
    ready = 0;
    for (struct dirent *entry; (entry = readdir(dir));) ready += !strncmp(entry->d_name, "ready-", 6);
    closedir(dir);
  }
}

static void work(uint32_t writer, uint32_t transfers, int processes) {
  uint32_t random = writer * 7919;
  int log = -1;
  wait_for_all(writer, processes);
  for (uint32_t i = 0; i < transfers; i++) {
    struct snapshot state;
    size_t note;
    log = begin(writer, log, &state);
    struct record record = transfer(writer, state.done[writer], state.accounts, &random, &note);
    append(log, &record, note);
    if (lseek(log, 0, SEEK_END) > MAX_LOG) {
      load(&state, NULL);
      state.compactions++;
      write_snapshot(&state);
    }
    unlock();
  }
  close(log);
  printf("writer %u: %u transfers\n", (unsigned)writer, (unsigned)transfers);
}

static void write_half(int log, uint32_t writer) {
  struct record record = {.size = HEAD + CHECKSUM, .writer = writer};
  write_all(log, &record, HEAD / 2);
}

// What crashes would leave if locks ended with their owners.
static void tear(uint32_t writer, int times, int processes) {
  int log = -1;
  wait_for_all(writer, processes);
  for (int i = 0; i < times; i++) {
    struct snapshot state;
    log = begin(writer, log, &state);
    write_half(log, writer);
    unlock();
    pause_briefly();
  }
  close(log);
}

// Without the lock, until all transfers are done: at every moment the money is all there, and nothing that was there is gone.
static void read_along(uint32_t reader, uint32_t transfers, int processes) {
  struct snapshot before = {0}, state;
  wait_for_all(reader, processes);
  for (uint32_t done = 0; done < transfers; before = state, pause_briefly()) {
    if (!load(&state, NULL)) give_up("reader: no snapshot");
    int64_t sum = 0;
    for (uint32_t i = 0; i < state.accounts; i++) sum += state.balance[i];
    if (sum != (int64_t)START * state.accounts) printf("reader: %lld in all\n", (long long)sum);
    done = 0;
    for (uint32_t i = 0; i < MAX_WRITERS; i++) {
      if (state.done[i] < before.done[i]) printf("reader: writer %u went back\n", (unsigned)i);
      done += state.done[i];
    }
  }
  printf("reader: saw all\n");
}

static void check(int count, char **expected) {
  struct snapshot state;
  close(begin(0, -1, &state));
  int64_t sum = 0;
  for (uint32_t i = 0; i < state.accounts; i++) {
    printf("account %u: %lld\n", (unsigned)i, (long long)state.balance[i]);
    sum += state.balance[i];
  }
  printf("sum %lld, recoveries %u, compacted %d\n", (long long)sum, (unsigned)state.recoveries, state.compactions > 0);
  for (int i = 0; i + 1 < count; i += 2) {
    int writer = atoi(expected[i]), transfers = atoi(expected[i + 1]);
    printf("writer %d: %s\n", writer, state.done[writer] == (uint32_t)transfers ? "all transfers" : "transfers are missing");
  }
  state.compactions = 0;  // how many there were is a matter of luck, the rest is not
  write_snapshot(&state);
  unlock();
}

static void create(uint32_t accounts) {
  struct snapshot state = {.magic = MAGIC, .accounts = accounts};
  for (uint32_t i = 0; i < accounts; i++) state.balance[i] = START;
  write_snapshot(&state);
}

// The lock is held, half a record is written, and that is the end.
static void crash(uint32_t writer) {
  struct snapshot state;
  write_half(begin(writer, -1, &state), writer);
  _Exit(CRASH_EXIT);
}

static void break_lock(void) {
  uint32_t writer = 0;
  int fd = open(kLock, O_RDONLY);
  if (fd < 0 || read(fd, &writer, sizeof writer) != sizeof writer || close(fd) != 0) give_up("read lock");
  printf("the lock was writer %u's\n", (unsigned)writer);
  unlock();
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  int first = argc > 2 ? atoi(argv[2]) : 0, second = argc > 3 ? atoi(argv[3]) : 0, third = argc > 4 ? atoi(argv[4]) : 0;
  if (!strcmp(what, "create")) create((uint32_t)first);
  else if (!strcmp(what, "work")) work((uint32_t)first, (uint32_t)second, third);
  else if (!strcmp(what, "tear")) tear((uint32_t)first, second, third);
  else if (!strcmp(what, "read")) read_along((uint32_t)first, (uint32_t)second, third);
  else if (!strcmp(what, "crash")) crash((uint32_t)first);
  else if (!strcmp(what, "break-lock")) break_lock();
  else if (!strcmp(what, "check")) check(argc - 2, argv + 2);
  else return 2;
  return 0;
}
