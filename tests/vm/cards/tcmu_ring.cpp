#include "tcmu_ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "rpmb/transport/node/sysfs.h"
#include "tcmu_layout.h"

namespace signet::cards {
namespace {

template <class Number>
Number number_at(const std::uint8_t* memory, std::size_t offset) {
  Number number;
  std::memcpy(&number, memory + offset, sizeof number);
  return number;
}

std::uint32_t* word(std::uint8_t* memory, std::size_t offset) {
  return reinterpret_cast<std::uint32_t*>(memory + offset);
}

Failure node_failure(const std::string& what) {
  return fail(Errc::io, what + ": " + std::generic_category().message(errno));
}

}  // namespace

Result<TcmuRing> TcmuRing::open(const std::string& node) {
  const auto name = std::filesystem::path{node}.filename();
  SIGNET_ASSIGN(const auto size, rpmb::sysfs::read_number("/sys/class/uio" / name / "maps/map0/size"));
  UniqueFd fd{::open(node.c_str(), O_RDWR | O_CLOEXEC)};
  if (!fd) return node_failure("opening " + node);
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return node_failure("mapping " + node);
  return TcmuRing{std::move(fd), static_cast<std::uint8_t*>(memory), size};
}

TcmuRing::TcmuRing(TcmuRing&& other) noexcept
    : fd_{std::move(other.fd_)}, memory_{std::exchange(other.memory_, nullptr)}, size_{other.size_} {}

TcmuRing::~TcmuRing() {
  if (memory_ != nullptr) ::munmap(memory_, size_);
}

Result<void> TcmuRing::serve(const Unit& unit) {
  for (;;) {
    answer_pending(unit);
    std::uint32_t events = 0;
    const ssize_t size = ::read(fd_.get(), &events, sizeof events);  // until the kernel has moved its head
    if (size != sizeof events && errno != EINTR) return node_failure("waiting for commands");
  }
}

void TcmuRing::answer_pending(const Unit& unit) {
  const auto ring = load(kTcmuRingOffset);
  const auto ring_size = load(kTcmuRingSize);
  auto* const tail = word(memory_, kTcmuTail);
  auto position = load(kTcmuTail);
  while (position != __atomic_load_n(word(memory_, kTcmuHead), __ATOMIC_ACQUIRE)) {
    auto* const entry = memory_ + ring + position;
    const auto length_and_kind = number_at<std::uint32_t>(entry, kTcmuLengthAndKind);
    const auto kind = length_and_kind & kTcmuKindMask;
    if (kind == kTcmuCommand)
      answer(entry, unit);
    else if (kind != kTcmuPad)
      entry[kTcmuFlags] |= kTcmuUnknownKind;
    position = (position + (length_and_kind & ~std::uint32_t{kTcmuKindMask})) % ring_size;
    __atomic_store_n(tail, position, __ATOMIC_RELEASE);
    const std::uint32_t done = 0;
    std::ignore = ::write(fd_.get(), &done, sizeof done);  // tells the kernel; it has nothing to answer
  }
}

std::uint32_t TcmuRing::load(std::size_t offset) const { return number_at<std::uint32_t>(memory_, offset); }

std::vector<std::span<std::uint8_t>> TcmuRing::buffers(const std::uint8_t* entry) const {
  std::vector<std::span<std::uint8_t>> list(number_at<std::uint32_t>(entry, kTcmuVectorCount));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto vector = number_at<iovec>(entry, kTcmuVectors + i * sizeof(iovec));
    list[i] = {memory_ + reinterpret_cast<std::uintptr_t>(vector.iov_base), vector.iov_len};
  }
  return list;
}

void TcmuRing::answer(std::uint8_t* entry, const Unit& unit) {
  ScsiCommand command;
  std::memcpy(command.data(), memory_ + number_at<std::uint64_t>(entry, kTcmuCommandAt), command.size());
  const auto data = buffers(entry);
  Bytes sent;
  for (const auto& part : data) append(sent, part);

  const auto answer = unit(command, sent);

  BytesView left = answer.data;
  for (const auto& part : data) {
    const auto size = std::min(part.size(), left.size());
    std::ranges::copy(left.first(size), part.begin());
    left = left.subspan(size);
  }
  std::memset(entry + kTcmuStatus, 0, kTcmuAnswerSize);  // it lies over the request, which is done with
  entry[kTcmuStatus] = answer.status;
  std::ranges::copy(answer.sense, entry + kTcmuSense);
}

}  // namespace signet::cards
