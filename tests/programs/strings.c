// <string.h>, <stdlib.h> and <ctype.h>: a word count over generated text, searching, tokens, numbers in all bases.
//
//: run
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
  char text[16];
  int count;
};
static struct word words[4096];
static int word_count;

static struct word *find(const char *text) {
  unsigned hash = 5381;
  for (const char *p = text; *p; p++) hash = hash * 33 ^ (unsigned char)*p;
  for (unsigned i = hash % 4096;; i = (i + 1) % 4096) {
    if (words[i].count == 0) {
      strcpy(words[i].text, text);
      word_count++;
    }
    if (strcmp(words[i].text, text) == 0) return &words[i];
  }
}

static int by_count(const void *a, const void *b) {
  const struct word *x = a, *y = b;
  return x->count != y->count ? y->count - x->count : strcmp(x->text, y->text);
}

static void count_words(void) {
  unsigned state = 7;
  for (int i = 0; i < 100000; i++) {
    char text[16];
    int length = 0;
    do {
      state = state * 1103515245 + 12345;
      text[length++] = "aeiourstlnd"[(state >> 16) % 11];
    } while (length < 3 || (length < 15 && (state >> 28) > 11));
    text[length] = 0;
    find(text)->count++;
    if (word_count > 3500) break;
  }
  qsort(words, 4096, sizeof words[0], by_count);
  for (int i = 0; i < 10; i++) printf("%s %d\n", words[i].text, words[i].count);
}

int main(void) {
  count_words();
  char text[] = "the quick,brown fox;jumps over  the lazy dog";
  for (char *token = strtok(text, " ,;"); token; token = strtok(NULL, " ,;")) printf("[%s]", token);
  puts("");
  printf("%ld %lu %ld %ld %lld\n", strtol("-123abc", NULL, 10), strtoul("ff", NULL, 16), strtol("0755", NULL, 0), strtol("0x1F", NULL, 0),
         strtoll("-9223372036854775808", NULL, 10));
  char buffer[200];
  memset(buffer, 'x', sizeof buffer);
  for (int from = 0; from < 20; from++) memmove(buffer + from * 3, buffer + from * 2, 100), buffer[from * 5] = (char)('a' + from);
  printf("%.120s\n", buffer);
  printf("%d %d %d\n", memcmp("abc", "abd", 3) < 0, strncmp("hello", "help", 3), strcmp("", "") == 0);
  printf("%s %s %zu %zu\n", strstr("needle in a haystack", "in"), strrchr("a/b/c", '/'), strspn("aabbc", "ab"), strcspn("hello", "l"));
  int upper = 0, digit = 0, punct = 0;
  for (int c = 0; c < 128; c++) upper += isupper(c) != 0, digit += isxdigit(c) != 0, punct += ispunct(c) != 0;
  printf("%d %d %d\n", upper, digit, punct);
  int a = 0, b = 0;
  char word[20], rest[20];
  int n = sscanf("12 0x1f word tail", "%d %i %19s %19[a-z]", &a, &b, word, rest);
  printf("%d: %d %d %s %s\n", n, a, b, word, rest);
  return 0;
}
