// Arguments, environment and exit codes.
//
//: run
//: run one "two words" "" "ünïcödé"
//: env GREETING=hello
//: env EMPTY=
//: run exit 7
//: exit 7
//: run exit 255
//: exit 255
//: run return 42
//: exit 42
//: run atexit 3
//: exit 3
//: run abort 0
//: native-exit 134
//: trap unreachable
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void goodbye(void) { puts("goodbye"); }

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("%d: [%s]\n", i, argv[i]);
  const char *names[] = {"GREETING", "EMPTY", "ABSENT"};
  for (int i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    printf("%s is %s%s%s\n", names[i], value ? "[" : "not set", value ? value : "", value ? "]" : "");
  }
  fflush(stdout);
  if (argc < 3) return 0;
  int status = atoi(argv[2]);
  if (!strcmp(argv[1], "exit")) exit(status);
  if (!strcmp(argv[1], "return")) return status;
  if (!strcmp(argv[1], "atexit")) atexit(goodbye), exit(status);
  if (!strcmp(argv[1], "abort")) abort();
  return 0;
}
