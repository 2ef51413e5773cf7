#include "card.h"

#include "crypto/random.h"

namespace signet::cards {

Result<std::unique_ptr<FileCard>> FileCard::open(const std::string& path, std::uint32_t octets,
                                                 std::uint16_t write_frames) {
  crypto::SystemRandom random;
  const auto blocks = static_cast<std::uint32_t>(octets / rpmb::kBlockSize);
  SIGNET_TRY(rpmb::create_chip_file(path, {.blocks = blocks, .write_frames = write_frames}, random));
  SIGNET_ASSIGN(auto file, rpmb::ChipFile::open(path));
  SIGNET_ASSIGN(auto state, file->load());
  return std::unique_ptr<FileCard>{new FileCard{std::move(file), std::move(state)}};
}

}  // namespace signet::cards
