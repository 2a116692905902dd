// Which active data segments become part of memory 0's initial image, and that image.
#pragma once
#include <vector>

#include "abi/artifact.h"
#include "link/description.h"
#include "wasm/module.h"

namespace wasmc::link {

struct Image {
  std::vector<bool> holds;  ///< by data segment: its bytes are in the image
  std::vector<abi::ImageRun> runs;
  Bytes bytes;              ///< of the runs, one after another
};

/// A segment is in the image if instantiation would have copied it there without looking at anything but the module: it is
/// active, at a constant offset inside the minimum size of the module's own memory 0, and no active segment before it is left out.
Image flatten_data(const wasm::Module &module, abi::Arch arch);

}  // namespace wasmc::link
