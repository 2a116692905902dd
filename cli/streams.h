#pragma once

namespace wasmc::cli {

/// A process may be begun with standard streams closed. The next files that it opens would get their numbers, and be what it prints to,
/// or what a guest is given as its streams. So these are taken, by what can be neither read nor written.
void take_closed_streams();

}  // namespace wasmc::cli
