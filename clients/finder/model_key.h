// The public anti-spoofing key of a model, as its maker hands it out.
#pragma once

#include <string>

#include "fastpair/advert.h"
#include "fastpair/seeker.h"

namespace signet::finder {

inline constexpr std::size_t kMaxModelKeyFile = 4096;

// PEM, 64 octets (x, y), or 128 hexadecimal digits. Takes any octets. invalid_argument: names the rule.
Result<fastpair::PublicKey> parse_model_key(BytesView content);

// The key in models/ID.pem beside the keyring. not_found: there is no such file; invalid_argument; io.
Result<fastpair::PublicKey> known_model_key(const std::string& keyring_path, const fastpair::ModelId& model);

std::string model_text(const fastpair::ModelId& model);  // "12A4F7"

}  // namespace signet::finder
