// Seekers against a Provider: a script of writes, pairings and time, in which the blocks may be under the right key, so
// that what stands behind the decryption is met, too. The first octet says what Provider it is.
#include <algorithm>
#include <cstdlib>

#include "fastpair/additional_data.h"
#include "fastpair/provider.h"

namespace {

using namespace signet;
using namespace signet::fastpair;

void require(bool condition) {
  if (!condition) std::abort();
}

class NoRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{0}); }
};

AccountKey known_key() {
  AccountKey key;
  key.writable()[0] = kAccountKeyFirstOctet;
  return key;
}

const crypto::P256PrivateKey& anti_spoofing() {
  static const auto key = crypto::P256PrivateKey::from_scalar(crypto::P256Scalar{std::array<std::uint8_t, 32>{1}});
  return *key;
}

// Takes octets from the input, and zeros after its end.
class Script {
 public:
  explicit Script(BytesView input) : rest_{input} {}
  [[nodiscard]] bool over() const { return rest_.empty(); }
  std::uint8_t octet() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  Bytes octets(std::size_t size) {
    const BytesView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  BytesView rest_;
};

// What to write: raw octets, one block under the known key, or data under it.
Bytes written(Script& script) {
  static const SessionKey key{known_key()};
  const std::uint8_t kind = script.octet();
  Bytes octets = script.octets(kind % 96);
  if (kind < 96) return octets;
  if (kind < 192) {
    Block block{};
    std::copy_n(octets.begin(), std::min(octets.size(), block.size()), block.begin());
    const Block encrypted = key.encrypt(block);
    return {encrypted.begin(), encrypted.end()};
  }
  return seal_data(key, {}, BytesView{octets}.first(std::min(octets.size(), kMostData))).value_or(Bytes{});
}

class Bed {
 public:
  explicit Bed(std::uint8_t options)
      : keys_{(options & 1) != 0 ? KeepKeys::only_one : KeepKeys::recently_used},
        provider_{{.bonding = (options & 2) != 0 ? Bonding::none : Bonding::required,
                   .only_fast_pair = (options & 4) != 0,
                   .public_address = (options & 8) != 0 ? std::optional{Address{7}} : std::nullopt,
                   .second_address = (options & 16) != 0 ? std::optional{Address{8}} : std::nullopt},
                  anti_spoofing(),
                  keys_,
                  random_} {
    require(keys_.add(known_key()).has_value());
    provider_.set_addresses({.current = {}, .identity = std::nullopt, .resolving_key = std::nullopt});
    provider_.set_pairing_mode((options & 32) != 0);
    provider_.set_name("name");
  }

  void step(Script& script) {
    const std::uint8_t what = script.octet();
    const Link link(1, static_cast<char>('a' + (what >> 6)));
    const Device device = link;
    const Address peer{script.octet()};
    switch (what & 15) {
      case 0: carry_out(provider_.comparison_began({device, link, peer, script.octet()}, now_)); break;
      case 1: carry_out(provider_.comparison_began({device, std::nullopt, peer, script.octet()}, now_)); break;
      case 2: carry_out(provider_.bonded(device, peer, now_)); break;
      case 3: carry_out(provider_.pairing_failed(device, now_)); break;
      case 4: carry_out(provider_.disconnected(link, now_)); break;
      case 5: now_ += std::chrono::seconds{script.octet()}; break;
      case 6: carry_out(provider_.expire(now_)); break;
      default: write(static_cast<Characteristic>(what & 3), link, written(script));
    }
    require(!provider_.deadline() || *provider_.deadline() <= now_ + kForAccountKey);
  }

 private:
  void write(Characteristic characteristic, const Link& link, BytesView octets) {
    Reply reply = provider_.write(characteristic, link, octets, now_);
    require(reply.att == Att::success || reply.att == Att::invalid_length || reply.att == Att::unlikely_error);
    carry_out(std::move(reply.decisions));
  }

  void carry_out(Decisions decisions) {
    for (Decision& decision : decisions) {
      if (auto* store = std::get_if<StoreKeys>(&decision)) {
        require(store->keys.find(keys_.owner_key()->view()) == store->keys.owner());  // the owner's key stays
        keys_ = std::move(store->keys);
      } else if (const auto* name = std::get_if<StoreName>(&decision)) {
        require(valid_name(as_bytes(name->name)));
      } else if (const auto* notify = std::get_if<Notify>(&decision)) {
        require(notify->octets.size() >= kBlockSize && notify->octets.size() <= kDataHeaderSize + kMostData);
      }
    }
  }

  NoRandom random_;
  AccountKeys keys_;
  Provider provider_;
  Time now_{std::chrono::hours{1}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script{BytesView{data, size}};
  Bed bed{script.octet()};
  while (!script.over()) bed.step(script);
  return 0;
}
