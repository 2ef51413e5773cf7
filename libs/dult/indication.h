// The stranger's side: what is written to an accessory, and what its indications say.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "dult/message.h"

namespace signet::dult {

// What to write. `request`: none of those that only accessories send.
Bytes request(Opcode opcode);

struct CommandResponse {
  std::uint16_t answered = 0;  // an Opcode, or whatever was written
  std::uint16_t status = 0;    // a Status, or what accessories make up
  bool operator==(const CommandResponse&) const = default;
};

// The operand: nothing (Sound_Completed); octets (product data, 8; identifier, as many as the network's have); text
// (names); a number (category, capabilities, network, battery); a version.
using Operand = std::variant<std::monostate, Bytes, std::string, std::uint32_t, Version, CommandResponse>;

struct Message {
  std::uint16_t opcode = 0;
  Operand operand;
  bool operator==(const Message&) const = default;
};

// Takes any octets. Names may be padded with zeros, and the category's reserved octets may have any value.
// Errors: invalid_argument, names the opcode and the rule that is broken, or says that the opcode is none of an
// indication.
Result<Message> parse_indication(BytesView octets);

// Whether `message` settles `request`: its response, a refusal of it, or for Sound_Stop the end of the sound.
bool settles(const Message& message, Opcode request);

// "luggage", "critically low", "1.2.3", "Sound_Start: invalid state"; octets in hexadecimal. Names come from a
// stranger's device: what is no printable ASCII is written \xNN.
std::string operand_text(const Message& message);

}  // namespace signet::dult
