// Drawing listings.
#include "listing.h"

#include <algorithm>

#include "report.h"

namespace wasmc::cli {
namespace {

constexpr size_t kWidestName = 40;

}  // namespace

std::string to_text(const Listing &listing) {
  std::string out = printable(listing.file) + ": " + listing.summary + '\n';
  for (const Group &group : listing.groups) {
    if (group.items.empty()) continue;
    size_t width = 0;
    for (const Item &item : group.items)
      if (item.name.size() <= kWidestName) width = std::max(width, item.name.size());
    out += '\n' + group.title + '\n';
    for (const Item &item : group.items) {
      const std::string name = printable(item.name);
      out += "  " + name + std::string(name.size() < width ? width - name.size() : 0, ' ') + (item.detail.empty() ? "" : "  ") + printable(item.detail) + '\n';
    }
  }
  return out;
}

std::string to_json(const Listing &listing) {
  std::string out = "{\"file\": " + json_string(listing.file) + ", \"summary\": " + json_string(listing.summary);
  for (const Group &group : listing.groups) {
    out += ",\n " + json_string(group.title) + ": [";
    std::string_view separator = "\n  ";
    for (const Item &item : group.items) {
      out += std::string(separator) + "{\"name\": " + json_string(item.name) + ", \"detail\": " + json_string(item.detail) + '}';
      separator = ",\n  ";
    }
    out += ']';
  }
  return out + "}\n";
}

}  // namespace wasmc::cli
