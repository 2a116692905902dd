// What `wasmc inspect` shows: groups of items, drawn as a text or as JSON.
#pragma once
#include <string>
#include <vector>

namespace wasmc::cli {

struct Item {
  std::string name, detail;
};
struct Group {
  std::string title;
  std::vector<Item> items;
};
struct Listing {
  std::string file, summary;
  std::vector<Group> groups;

  Group &add(std::string title) { return groups.emplace_back(Group{std::move(title), {}}); }
};

/// Columns for a person; empty groups are left out.
std::string to_text(const Listing &listing);
/// `{"file": …, "summary": …, "imports": [{"name": …, "detail": …}, …], …}`, all groups.
std::string to_json(const Listing &listing);

}  // namespace wasmc::cli
