#include "streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace wasmc::cli {

void take_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    if (fcntl(stream, F_GETFD) < 0) (void)open("/", O_PATH | O_CLOEXEC);  // the lowest number that is free: this one
}

}  // namespace wasmc::cli
