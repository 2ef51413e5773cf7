// uint16 number of devices; each: uint16 size of its fields, then fields: tag, uint16 size, value. Integers are
// big-endian.
#include "keyring/contents.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::keyring {
namespace {

enum class Tag : std::uint8_t {
  name = 1,
  model_id = 2,
  account_key = 3,
  eik = 4,
  curve = 5,
  owner = 6,
  clock = 7,
  address = 8,
  next_eik = 9,
};

constexpr std::size_t kFieldHeader = 3;
constexpr std::size_t kClockSize = 12;  // beacon, wall
constexpr std::size_t kMaxAddressSize = 64;
constexpr std::uint8_t kSecp160r1 = 0;
constexpr std::uint8_t kSecp256r1 = 1;

Failure damaged(const std::string& what) { return fail(Errc::damaged, "keyring: " + what); }

template <class T>
std::optional<T> clone_of(const std::optional<T>& secret) {
  if (!secret) return std::nullopt;
  return secret->clone();
}

// Puts fields into room that was measured before, so that no copy of a secret stays behind in a buffer that grew.
class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> room) : room_{room} {}

  void number(std::uint16_t value) {
    if (!room_.empty()) store_be(room_, at_, value);
    at_ += sizeof value;
  }
  void field(Tag tag, BytesView value) {
    if (!room_.empty()) {
      room_[at_] = static_cast<std::uint8_t>(tag);
      store_be(room_, at_ + 1, static_cast<std::uint16_t>(value.size()));
      std::ranges::copy(value, room_.subspan(at_ + kFieldHeader).begin());
    }
    at_ += kFieldHeader + value.size();
  }
  [[nodiscard]] std::size_t size() const { return at_; }

 private:
  std::span<std::uint8_t> room_;  // empty: only measures
  std::size_t at_ = 0;
};

void write_fields(Writer& out, const Device& device) {
  out.field(Tag::name, as_bytes(device.name));
  if (device.model_id) out.field(Tag::model_id, *device.model_id);
  if (device.account_key) out.field(Tag::account_key, device.account_key->view());
  if (device.eik) out.field(Tag::eik, device.eik->view());
  if (device.next_eik) out.field(Tag::next_eik, device.next_eik->view());
  const std::uint8_t curve = device.curve == fmdn::Curve::secp256r1 ? kSecp256r1 : kSecp160r1;
  out.field(Tag::curve, {&curve, 1});
  const std::uint8_t owner = device.owner ? 1 : 0;
  out.field(Tag::owner, {&owner, 1});
  if (device.clock) {
    std::array<std::uint8_t, kClockSize> clock;
    store_be(clock, 0, device.clock->beacon);
    store_be(clock, 4, static_cast<std::uint64_t>(device.clock->wall.time_since_epoch().count()));
    out.field(Tag::clock, clock);
  }
  if (!device.address.empty()) out.field(Tag::address, as_bytes(device.address));
}

void write_device(Writer& out, const Device& device) {
  Writer measured{{}};
  write_fields(measured, device);
  out.number(static_cast<std::uint16_t>(measured.size()));
  write_fields(out, device);
}

// Octets from the front; nothing when there are not so many.
std::optional<BytesView> take(BytesView& from, std::size_t size) {
  if (from.size() < size) return std::nullopt;
  const BytesView taken = from.first(size);
  from = from.subspan(size);
  return taken;
}

std::optional<BytesView> take_sized(BytesView& from) {
  const auto size = take(from, sizeof(std::uint16_t));
  if (!size) return std::nullopt;
  return take(from, load_be<std::uint16_t>(*size, 0));
}

template <std::size_t Size>
Result<void> read_secret(BytesView value, const char* name, std::optional<SecretBytes<Size>>& to) {
  if (value.size() != Size) return damaged(std::string{name} + " must have " + std::to_string(Size) + " octets");
  to.emplace(value.first<Size>());
  return {};
}

Result<void> read_flag(BytesView value, const char* name, bool& to) {
  if (value.size() != 1 || value[0] > 1) return damaged(std::string{name} + " must be 0 or 1");
  to = value[0] == 1;
  return {};
}

Result<void> read_clock(BytesView value, Device& to) {
  if (value.size() != kClockSize) return damaged("clock must have 12 octets");
  const std::chrono::seconds wall{static_cast<std::int64_t>(load_be<std::uint64_t>(value, 4))};
  to.clock = ClockReading{load_be<std::uint32_t>(value, 0), std::chrono::sys_seconds{wall}};
  return {};
}

bool is_printable(BytesView text) {
  return std::ranges::all_of(text, [](std::uint8_t c) { return c > ' ' && c < 0x7f; });
}

Result<void> read_field(Tag tag, BytesView value, Device& to) {
  bool long_curve = false;
  switch (tag) {
    case Tag::name: to.name = as_text(value); return {};
    case Tag::model_id:
      if (value.size() != sizeof(ModelId)) return damaged("model id must have 3 octets");
      std::ranges::copy(value, to.model_id.emplace().begin());
      return {};
    case Tag::account_key: return read_secret(value, "account key", to.account_key);
    case Tag::eik: return read_secret(value, "identity key", to.eik);
    case Tag::next_eik: return read_secret(value, "next identity key", to.next_eik);
    case Tag::curve:
      SIGNET_TRY(read_flag(value, "curve", long_curve));
      to.curve = long_curve ? fmdn::Curve::secp256r1 : fmdn::Curve::secp160r1;
      return {};
    case Tag::owner: return read_flag(value, "owner", to.owner);
    case Tag::clock: return read_clock(value, to);
    case Tag::address:
      if (value.size() > kMaxAddressSize || !is_printable(value)) return damaged("address is none");
      to.address = as_text(value);
      return {};
  }
  return fail(Errc::unsupported_format,
              "keyring: field " + std::to_string(static_cast<unsigned>(tag)) + " is of a newer version of Signet");
}

Result<Device> read_device(BytesView fields) {
  Device device;
  while (!fields.empty()) {
    const auto tag = take(fields, 1);
    const auto value = take_sized(fields);
    if (!value) return damaged("a field is cut off");
    SIGNET_TRY(read_field(static_cast<Tag>((*tag)[0]), *value, device));
  }
  return device;
}

}  // namespace

Device Device::clone() const {
  return {.name = name,
          .model_id = model_id,
          .account_key = clone_of(account_key),
          .eik = clone_of(eik),
          .next_eik = clone_of(next_eik),
          .curve = curve,
          .owner = owner,
          .clock = clock,
          .address = address};
}

Result<void> check_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (name.empty() || name.size() > kMaxNameSize || name.front() == '-' || !std::ranges::all_of(name, fits)) {
    return fail(Errc::invalid_argument,
                "name of a device: must have 1 to 64 letters, digits, '.', '_' and '-', and not begin with '-'");
  }
  return {};
}

const Device* Contents::find(std::string_view name) const {
  const auto found = std::ranges::find(devices_, name, &Device::name);
  return found == devices_.end() ? nullptr : &*found;
}

Result<void> Contents::put(Device device) {
  SIGNET_TRY(check_name(device.name));
  const auto found = std::ranges::find(devices_, device.name, &Device::name);
  if (found != devices_.end()) {
    *found = std::move(device);
    return {};
  }
  if (devices_.size() == kMaxDevices) return fail(Errc::too_large, "keyring: holds 1000 devices already");
  devices_.push_back(std::move(device));
  return {};
}

Result<void> Contents::remove(std::string_view name) {
  const auto found = std::ranges::find(devices_, name, &Device::name);
  if (found == devices_.end()) return fail(Errc::not_found, "keyring: holds no device '" + std::string{name} + "'");
  devices_.erase(found);
  return {};
}

SecretBuffer Contents::encode() const {
  const auto write = [this](Writer& out) {
    out.number(static_cast<std::uint16_t>(devices_.size()));
    for (const Device& device : devices_) write_device(out, device);
  };
  Writer measured{{}};
  write(measured);
  SecretBuffer octets{measured.size()};
  Writer out{octets.writable()};
  write(out);
  return octets;
}

Result<Contents> Contents::decode(BytesView octets) {
  const auto count = take(octets, sizeof(std::uint16_t));
  if (!count) return damaged("the number of devices is missing");
  Contents contents;
  for (std::uint16_t i = 0; i < load_be<std::uint16_t>(*count, 0); ++i) {
    const auto fields = take_sized(octets);
    if (!fields) return damaged("a device is cut off");
    SIGNET_ASSIGN(Device device, read_device(*fields));
    if (!check_name(device.name)) return damaged("a device has no proper name");
    if (contents.find(device.name)) return damaged("a name is there twice");
    SIGNET_TRY(contents.put(std::move(device)));
  }
  if (!octets.empty()) return damaged("there is more than the devices");
  return contents;
}

}  // namespace signet::keyring
