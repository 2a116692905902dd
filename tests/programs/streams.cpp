// Streams: standard input, string streams, formatting. (Debian's libc++ for WASI has no file streams.)
//
//: run
//: stdin floats.in
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

int main() {
  std::string line;
  int lines = 0;
  size_t longest = 0;
  while (std::getline(std::cin, line)) {
    lines++;
    longest = std::max(longest, line.size());
  }
  std::cout << lines << " lines, the longest has " << longest << " characters\n";
  std::ostringstream text;
  text << std::hex << std::setfill('0') << std::setw(8) << 48879 << std::dec << ' ' << std::fixed << std::setprecision(3) << 2.0 / 3 << ' '
       << std::scientific << 12345.678 << ' ' << std::boolalpha << (lines > 0) << ' ' << std::left << std::setfill('.') << std::setw(8) << "ab" << '|';
  std::cout << text.str() << '\n';
  std::istringstream in("17 0x1f 3.5 word rest of the line");
  int a = 0, b = 0;
  double c = 0;
  std::string word, rest;
  in >> a >> std::setbase(0) >> b >> c >> word;
  std::getline(in, rest);
  std::cout << a << ' ' << b << ' ' << c << ' ' << word << '[' << rest << "]\n";
  std::stringstream file;
  for (int i = 0; i < 1000; i++) file << i * i << (i % 10 == 9 ? '\n' : ' ');
  long long sum = 0, count = 0;
  for (long long n; file >> n; count++) sum += n;
  std::cout << count << ' ' << sum << ' ' << file.eof() << '\n';
  std::cerr << "to standard error\n";
}
