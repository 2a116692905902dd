// Scripts in processes of their own, so that a crash or an endless loop is a failure of that script at a known line and not the end
// of the run.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "script.h"
#include "tally.h"

namespace wasmc::wast {

struct ScriptFile {
  std::string path;
  std::string name;  ///< for people: what follows the directory that was asked for
};

/// Runs `run(path, listener)` for each file, `jobs` of them at the same time and each for at most `seconds`. The tallies come in the
/// order of the files.
using RunFile = std::function<Result<>(const std::string &path, const Listener &listener)>;
std::vector<FileTally> run_files(const std::vector<ScriptFile> &files, const RunFile &run, unsigned jobs, unsigned seconds);

}  // namespace wasmc::wast
