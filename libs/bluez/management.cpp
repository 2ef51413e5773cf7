#include "bluez/management.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.h"

namespace signet::bluez::management {
namespace {

constexpr std::size_t kHeader = 6;

enum class EventCode : std::uint16_t {
  command_complete = 0x0001,
  command_status = 0x0002,
  index_added = 0x0004,
  index_removed = 0x0005,
  new_settings = 0x0006,
  device_connected = 0x000b,
  extended_index_added = 0x0020,
  extended_index_removed = 0x0021,
  advertising_removed = 0x0024,
  controller_resume = 0x002e,
};

class Writer {
 public:
  Writer(Opcode opcode, std::uint16_t index) {
    u16(static_cast<std::uint16_t>(opcode));
    u16(index);
    u16(0);  // the length, by finish()
  }
  Writer& u8(std::size_t value) {
    octets_.push_back(static_cast<std::uint8_t>(value));
    return *this;
  }
  Writer& u16(std::uint16_t value) {
    append_le(octets_, value);
    return *this;
  }
  Writer& u32(std::uint32_t value) {
    append_le(octets_, value);
    return *this;
  }
  Writer& octets(BytesView value) {
    append(octets_, value);
    return *this;
  }
  Bytes finish() {
    store_le(octets_, 4, static_cast<std::uint16_t>(octets_.size() - kHeader));
    return std::move(octets_);
  }

 private:
  Bytes octets_;
};

std::uint16_t u16_at(BytesView from, std::size_t offset) { return load_le<std::uint16_t>(from, offset); }
std::uint32_t u32_at(BytesView from, std::size_t offset) { return load_le<std::uint32_t>(from, offset); }

Failure too_short(std::string_view what) { return fail(Errc::io, fmt::format("management: {}: too short", what)); }

Result<Event> decode_body(EventCode code, std::uint16_t index, BytesView body) {
  switch (code) {
    case EventCode::command_complete:
    case EventCode::command_status:
      if (body.size() < 3) return too_short("reply");
      return CommandDone{index, Opcode{u16_at(body, 0)}, Status{body[2]}, Bytes(body.begin() + 3, body.end())};
    case EventCode::index_added:
    case EventCode::extended_index_added: return IndexAdded{index};
    case EventCode::index_removed:
    case EventCode::extended_index_removed: return IndexRemoved{index};
    case EventCode::new_settings:
      if (body.size() < 4) return too_short("new settings");
      return NewSettings{index, u32_at(body, 0)};
    case EventCode::device_connected: return Connected{index};
    case EventCode::advertising_removed:
      if (body.empty()) return too_short("advertising removed");
      return AdvertisingRemoved{index, body[0]};
    case EventCode::controller_resume: return Resumed{index};
  }
  return Other{index, static_cast<std::uint16_t>(code)};
}

}  // namespace

Bytes read_index_list() { return Writer{Opcode::read_index_list, kNoIndex}.finish(); }

Bytes read_information(std::uint16_t index) { return Writer{Opcode::read_information, index}.finish(); }

Bytes read_advertising_features(std::uint16_t index) {
  return Writer{Opcode::read_advertising_features, index}.finish();
}

Bytes add_extended_parameters(std::uint16_t index, const Parameters& parameters) {
  constexpr std::uint8_t kNoPreference = 0x7f;  // transmit power; ignored without its flag
  return Writer{Opcode::add_extended_parameters, index}
      .u8(parameters.instance)
      .u32(parameters.flags)
      .u16(parameters.duration_s)
      .u16(0)  // timeout: none
      .u32(parameters.interval)
      .u32(parameters.interval)
      .u8(kNoPreference)
      .finish();
}

Bytes add_extended_data(std::uint16_t index, std::uint8_t instance, BytesView data) {
  return Writer{Opcode::add_extended_data, index}
      .u8(instance)
      .u8(data.size())
      .u8(0)  // no scan response
      .octets(data)
      .finish();
}

Bytes add_advertising(std::uint16_t index, const Parameters& parameters, BytesView data) {
  return Writer{Opcode::add_advertising, index}
      .u8(parameters.instance)
      .u32(parameters.flags)
      .u16(parameters.duration_s)
      .u16(0)  // timeout: none
      .u8(data.size())
      .u8(0)  // no scan response
      .octets(data)
      .finish();
}

Bytes remove_advertising(std::uint16_t index, std::uint8_t instance) {
  return Writer{Opcode::remove_advertising, index}.u8(instance).finish();
}

Result<Event> decode(BytesView frame) {
  if (frame.size() < kHeader) return too_short("header");
  const std::size_t length = u16_at(frame, 4);
  if (frame.size() < kHeader + length) return too_short("frame");
  return decode_body(EventCode{u16_at(frame, 0)}, u16_at(frame, 2), frame.subspan(kHeader, length));
}

Result<std::vector<std::uint16_t>> decode_index_list(BytesView parameters) {
  if (parameters.size() < 2) return too_short("index list");
  const std::size_t count = u16_at(parameters, 0);
  if (parameters.size() < 2 + 2 * count) return too_short("index list");
  std::vector<std::uint16_t> indices;
  for (std::size_t i = 0; i < count; ++i) indices.push_back(u16_at(parameters, 2 + 2 * i));
  return indices;
}

Result<Information> decode_information(BytesView parameters) {
  if (parameters.size() < 17) return too_short("controller information");
  Information information{.supported = u32_at(parameters, 9), .current = u32_at(parameters, 13)};
  std::reverse_copy(parameters.begin(), parameters.begin() + 6, information.address.begin());
  return information;
}

Result<AdvertisingFeatures> decode_advertising_features(BytesView parameters) {
  if (parameters.size() < 8 || parameters.size() < 8U + parameters[7]) return too_short("advertising features");
  const auto present = parameters.subspan(8, parameters[7]);
  return AdvertisingFeatures{.flags = u32_at(parameters, 0),
                             .longest_data = parameters[4],
                             .instances = parameters[6],
                             .present{present.begin(), present.end()}};
}

std::string describe(Status status) {
  switch (status) {
    case Status::success: return "success";
    case Status::unknown_command: return "unknown command";
    case Status::failed: return "failed";
    case Status::no_resources: return "no resources";
    case Status::busy: return "busy";
    case Status::rejected: return "rejected";
    case Status::not_supported: return "not supported";
    case Status::invalid_parameters: return "invalid parameters";
    case Status::not_powered: return "not powered";
    case Status::invalid_index: return "no such controller";
    case Status::rfkilled: return "blocked by rfkill";
    case Status::permission_denied: return "permission denied";
  }
  return fmt::format("status {:#04x}", static_cast<unsigned>(status));
}

}  // namespace signet::bluez::management
