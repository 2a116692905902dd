#include "module_source.h"

#include "text/assemble.h"
#include "text/place.h"

namespace wasmc::cli {

Result<ModuleSource> ModuleSource::read(const InputFile &file) {
  ModuleSource source;
  source.path_ = file.path;
  source.bytes = TRY(file.read());
  if (file.format != Format::Text) return source;
  source.text_.assign(source.bytes.begin(), source.bytes.end());
  auto assembled = text::assemble(source.text_);
  if (!assembled) return std::unexpected(text::at_place(assembled.error(), file.path, source.text_));
  source.bytes = std::move(assembled->bytes);
  source.marks_ = std::move(assembled->marks);
  return source;
}

Error ModuleSource::explain(Error error) const {
  if (text_.empty() || error.offset == Error::kNoOffset) return std::move(error).in_file(path_);
  error.offset = text::place_of(marks_, error.offset);
  return text::at_place(std::move(error), path_, text_);
}

}  // namespace wasmc::cli
