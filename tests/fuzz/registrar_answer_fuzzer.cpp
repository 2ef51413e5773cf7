// Answers of a registrar: JSON and problem documents.
#include "base/bytes.h"
#include "https/answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  if (size == 0) return 0;
  https::Answer answer{.status = data[0] % 2 == 0 ? 200 : 403, .content_type = "application/json"};
  if (!answer.good()) answer.content_type = "application/problem+json";
  answer.clock_ahead = std::chrono::seconds{data[0]};
  answer.body = as_text(BytesView{data, size}.subspan(1));
  const auto json = https::json_of(answer, "registrar.example");
  if (json) (void)https::text_member(*json, "challenge", "registrar.example");
  return 0;
}
