#include <gtest/gtest.h>

#include "guest.h"

namespace wasmc::wasi {
namespace {

class Process : public Guest {};

TEST_F(Process, SignalsDoWhatTheyDoByDefault) {
  const auto raised = [&](uint32_t signal) -> std::string {
    auto result = proc_raise(*context, signal);
    if (!result) return "exit " + std::to_string(result.error().exit_status.value_or(-1));
    return why(*result);
  };
  EXPECT_EQ(raised(0), "success");
  EXPECT_EQ(raised(2), "exit 130");   // SIGINT
  EXPECT_EQ(raised(6), "exit 134");   // SIGABRT
  EXPECT_EQ(raised(9), "exit 137");   // SIGKILL
  EXPECT_EQ(raised(15), "exit 143");  // SIGTERM
  EXPECT_EQ(raised(16), "success");   // SIGCHLD, 17 in Linux
  EXPECT_EQ(raised(18), "Notsup");    // SIGSTOP
  EXPECT_EQ(raised(30), "exit 159");  // SIGSYS, 31 in Linux
  EXPECT_EQ(raised(31), "Inval");
  EXPECT_EQ(raised(UINT32_MAX), "Inval");
}

}  // namespace
}  // namespace wasmc::wasi
