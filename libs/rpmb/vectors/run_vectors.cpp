#include "rpmb/vectors/run_vectors.h"

#include "rpmb/vectors/sections.h"
#include "vectors/document.h"

namespace signet::rpmb {
namespace {

Result<VectorConventions> read_conventions(const JsonCursor& document) {
  VectorConventions conventions;
  SIGNET_ASSIGN(auto at, document.find("conventions"));
  if (!at) return conventions;
  SIGNET_ASSIGN(auto failed_read, at->find("failed_read"));
  conventions.failed_read = failed_read.has_value();
  return conventions;
}

}  // namespace

Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress) {
  SIGNET_ASSIGN(const boost::json::value value, vectors::parse(json, kVectorFormat));
  const JsonCursor document{value, ""};
  SIGNET_ASSIGN(VectorConventions conventions, read_conventions(document));

  Recorder recorder{progress};
  SIGNET_TRY(vectors::for_each_entry(document, "codec", [&](const JsonCursor& entry, const std::string& name) {
    return run_codec(entry, name, recorder);
  }));
  SIGNET_TRY(vectors::for_each_entry(document, "mac", [&](const JsonCursor& entry, const std::string& name) {
    return run_mac(entry, name, recorder);
  }));
  SIGNET_TRY(vectors::for_each_entry(document, "cases", [&](const JsonCursor& entry, const std::string&) {
    return run_case(entry, conventions, recorder);
  }));
  SIGNET_TRY(vectors::for_each_entry(
      document, "host", [&](const JsonCursor& entry, const std::string&) { return run_host(entry, recorder); }));
  return vectors::conclude(recorder);
}

}  // namespace signet::rpmb
