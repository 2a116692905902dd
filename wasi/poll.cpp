// Waiting for time and for descriptors, in one ppoll(2): no thread, no busy waiting.
#include <algorithm>
#include <optional>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

#include "wasi/functions.h"
#include "wasi/times.h"

namespace wasmc::wasi {
namespace {

constexpr uint32_t kMaxSubscriptions = 4096;  // more is refused, before anything is allocated for them
constexpr uint64_t kLongestWait = 10 * kNanosPerSecond;  // then the clocks are looked at again: one may have been set

Or<uint64_t> now(uint32_t clock) {
  timespec time;
  if (clock_gettime(TRY(host_clock(clock)), &time) != 0) return refuse_host();
  return to_nanos(time);
}

/// One subscription while it is waited for.
struct Waiting {
  Subscription wanted;
  uint64_t deadline = 0;              ///< of a clock, on that clock
  std::optional<Errno> refused;       ///< an event at once, with this error
  std::optional<uint32_t> poll_index; ///< of a descriptor
  short events = 0;                   ///< of it
};

Errno readiness_error(short revents) {
  if (revents & POLLNVAL) return Errno::Badf;
  return revents & POLLERR ? Errno::Io : Errno::Success;
}

/// How much can be read without waiting, as far as the host knows.
uint64_t readable_bytes(int host) {
  struct stat info;
  if (fstat(host, &info) == 0 && S_ISREG(info.st_mode)) {
    off_t at = lseek(host, 0, SEEK_CUR);
    return at >= 0 && at < info.st_size ? static_cast<uint64_t>(info.st_size - at) : 0;
  }
  int count = 0;
  return ioctl(host, FIONREAD, &count) == 0 && count > 0 ? static_cast<uint64_t>(count) : 0;
}

class Poll {
 public:
  Poll(Context &context, uint32_t count) : context_(context) { waiting_.reserve(count); }

  /// An unknown kind fails the whole call; any other error is told by the subscription's event.
  Or<> add(const Subscription &wanted) {
    if (wanted.type > EventType::FdWrite) return refuse(Errno::Inval);
    Waiting entry{.wanted = wanted};
    Or<> accepted = wanted.type == EventType::Clock ? add_clock(entry) : add_descriptor(entry);
    if (!accepted) entry.refused = accepted.error();
    waiting_.push_back(entry);
    return {};
  }

  /// Until something has happened; then the events, in the order of the subscriptions.
  Or<uint32_t> wait(GuestSlice<Event> events) {
    while (true) {
      uint64_t timeout = nearest();
      timespec time = to_timespec(timeout);
      int ready = ppoll(polled_.data(), polled_.size(), timeout == UINT64_MAX ? nullptr : &time, nullptr);
      if (ready < 0 && errno != EINTR) return refuse_host();  // after a signal, what is left of the time counts
      if (uint32_t happened = report(events)) return happened;
    }
  }

 private:
  Or<> add_clock(Waiting &entry) {
    const Subscription &clock = entry.wanted;
    TRY(host_clock(clock.id_or_fd));
    // Processor time does not pass while waiting.
    if (clock.id_or_fd > uint32_t(ClockId::Monotonic)) return refuse(Errno::Notsup);
    if (clock.clock_flags & ~kSubclockAbstime) return refuse(Errno::Inval);
    entry.deadline = clock.timeout;
    if (clock.clock_flags & kSubclockAbstime) return {};
    uint64_t start = TRY(now(clock.id_or_fd));
    entry.deadline = clock.timeout > UINT64_MAX - start ? UINT64_MAX : start + clock.timeout;
    return {};
  }

  Or<> add_descriptor(Waiting &entry) {
    bool read = entry.wanted.type == EventType::FdRead;
    Rights need = Rights::PollFdReadwrite | (read ? Rights::FdRead : Rights::FdWrite);
    OpenDescriptor file = TRY(context_.descriptors.file(entry.wanted.id_or_fd, need));
    const auto [place, is_new] = places_.try_emplace(file->host, static_cast<uint32_t>(polled_.size()));
    entry.poll_index = place->second;
    entry.events = read ? POLLIN : POLLOUT;
    if (is_new) {
      polled_.push_back({.fd = file->host, .events = 0, .revents = 0});
      open_.push_back(std::move(file));
    }
    polled_[place->second].events |= entry.events;
    return {};
  }

  /// Nanoseconds until the next clock strikes; 0 if an event is due already, UINT64_MAX without any clock.
  uint64_t nearest() const {
    uint64_t least = UINT64_MAX;
    for (const Waiting &entry : waiting_) {
      if (entry.refused) return 0;
      if (entry.wanted.type == EventType::Clock) least = std::min({least, time_left(entry), kLongestWait});
    }
    return least;
  }

  static uint64_t time_left(const Waiting &entry) {
    uint64_t time = now(entry.wanted.id_or_fd).value_or(UINT64_MAX);
    return entry.deadline > time ? entry.deadline - time : 0;
  }

  uint32_t report(GuestSlice<Event> events) const {
    uint32_t count = 0;
    for (const Waiting &entry : waiting_)
      if (auto event = event_of(entry)) events.store(count++, *event);
    return count;
  }

  std::optional<Event> event_of(const Waiting &entry) const {
    Event event{.userdata = entry.wanted.userdata, .error = Errno::Success, .type = entry.wanted.type};
    if (entry.refused) {
      event.error = *entry.refused;
    } else if (entry.poll_index) {
      const pollfd &state = polled_[*entry.poll_index];
      const short happened = state.revents & (entry.events | POLLERR | POLLHUP | POLLNVAL);
      if (happened == 0) return std::nullopt;
      event.error = readiness_error(happened);
      if (happened & POLLHUP) event.flags = kEventHangup;
      if (happened & POLLIN) event.nbytes = readable_bytes(state.fd);
    } else if (time_left(entry) > 0) {
      return std::nullopt;
    }
    return event;
  }

  Context &context_;
  std::vector<Waiting> waiting_;
  std::vector<OpenDescriptor> open_;  // stay so until the end
  std::vector<pollfd> polled_;        // one for each of them: ppoll takes no more than a process may have open
  std::unordered_map<int, uint32_t> places_;  // in there, by the host's number
};

const Subscription &today(const Subscription &wanted) { return wanted; }
Subscription today(const unstable::Subscription &wanted) {
  Subscription out{};
  out.userdata = wanted.userdata;
  out.type = wanted.type;
  out.id_or_fd = wanted.type == EventType::Clock ? wanted.clock : wanted.fd;
  out.timeout = wanted.timeout;
  out.precision = wanted.precision;
  out.clock_flags = wanted.clock_flags;
  return out;
}

template <class Layout>
Or<> poll(Context &context, GuestMemory memory, uint32_t subscriptions, uint32_t events_out, uint32_t count, uint32_t count_out) {
  if (count == 0 || count > kMaxSubscriptions) return refuse(Errno::Inval);
  auto wanted = TRY(memory.slice<Layout>(subscriptions, count));
  auto events = TRY(memory.slice<Event>(events_out, count));
  auto happened = TRY(memory.cell<uint32_t>(count_out));
  Poll poll(context, count);
  for (uint32_t i = 0; i < count; ++i) TRY(poll.add(today(wanted.load(i))));  // all are copied before the first event is written
  happened.store(TRY(poll.wait(events)));
  return {};
}

}  // namespace

Or<> poll_oneoff(Context &context, GuestMemory memory, uint32_t subscriptions, uint32_t events_out, uint32_t count,
                 uint32_t count_out) {
  return poll<Subscription>(context, memory, subscriptions, events_out, count, count_out);
}
Or<> unstable::poll_oneoff(Context &context, GuestMemory memory, uint32_t subscriptions, uint32_t events_out, uint32_t count,
                           uint32_t count_out) {
  return poll<Subscription>(context, memory, subscriptions, events_out, count, count_out);
}

}  // namespace wasmc::wasi
