// What somebody may ask of a device that belongs to another, by DULT.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dult/indication.h"
#include "finder/radio.h"

namespace signet::finder {

struct Fact {
  const char* member;  // "battery_type", for programs
  const char* label;   // "battery type", for people
  std::string text;    // printable, see dult::operand_text()
};

// The first is the identifier; facts that the device does not tell are left out. Errors: access_denied: it does not
// tell its identifier now; invalid_argument: the address; those of the connection.
Result<std::vector<Fact>> identify(const Radio& radio, const std::string& address);

enum class SoundEnd : std::uint8_t { completed, stopped };

// Has it sound, and stays until that is over: only the connection that started a sound may stop it. `stop_after`: stop
// it then. Errors: access_denied: it refuses; timeout: it did not say that the sound is over; as above.
Result<SoundEnd> sound(const Radio& radio, const std::string& address,
                       std::optional<std::chrono::milliseconds> stop_after);

}  // namespace signet::finder
