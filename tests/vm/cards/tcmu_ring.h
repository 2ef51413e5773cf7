// The command ring of a TCMU device (Documentation/target/tcmu-design.rst): SCSI commands that the kernel hands to user
// space through memory shared over a UIO node.
#pragma once

#include <sys/uio.h>

#include <array>
#include <functional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::cards {

using ScsiCommand = std::array<std::uint8_t, 16>;

struct ScsiAnswer {
  std::uint8_t status = 0;
  Bytes sense;  // at most 96 octets
  Bytes data;   // for the initiator; no more of it is delivered than was asked for
};

class TcmuRing {
 public:
  // `node`: /dev/uioN. Errors: io.
  static Result<TcmuRing> open(const std::string& node);
  TcmuRing(TcmuRing&& other) noexcept;
  TcmuRing(const TcmuRing&) = delete;
  TcmuRing& operator=(const TcmuRing&) = delete;
  TcmuRing& operator=(TcmuRing&&) = delete;
  ~TcmuRing();

  // Answers commands one after the other, for ever. `data` is what the initiator sends along. Errors: io (the node).
  using Unit = std::function<ScsiAnswer(const ScsiCommand& command, BytesView data)>;
  Result<void> serve(const Unit& unit);

 private:
  TcmuRing(UniqueFd fd, std::uint8_t* memory, std::size_t size) : fd_{std::move(fd)}, memory_{memory}, size_{size} {}

  [[nodiscard]] std::uint32_t load(std::size_t offset) const;
  [[nodiscard]] std::vector<std::span<std::uint8_t>> buffers(const std::uint8_t* entry) const;
  void answer(std::uint8_t* entry, const Unit& unit);
  void answer_pending(const Unit& unit);

  UniqueFd fd_;
  std::uint8_t* memory_;
  std::size_t size_;
};

}  // namespace signet::cards
