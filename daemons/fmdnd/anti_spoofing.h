// The model's anti-spoofing key, with which a device proves in pairing that it is of the model it says.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/ecdsa.h"

namespace signet::fmdnd {

inline constexpr const char* kAntiSpoofingCredential = "fmdnd-anti-spoofing";

// From the systemd credential of that name in `credentials_directory` ($CREDENTIALS_DIRECTORY, may be empty), else from
// `file` (may be empty): the private key as the Fast Pair console shows it, base64 of 32 octets. Errors:
// config_invalid: neither is there, others may read it, or it is no such key.
Result<crypto::P256PrivateKey> load_anti_spoofing_key(const std::string& credentials_directory,
                                                      const std::string& file);

// The same for --check-config outside of the unit, where systemd has not handed any credential over: from where systemd
// would take it, credstore in the directory `etc`, else from `file`. Returns what could not be judged, for people: a
// credential in credstore.encrypted, which systemd alone decrypts.
Result<std::optional<std::string>> check_anti_spoofing_key(const std::string& etc, const std::string& file);

// The same for a content. A newline at the end does no harm.
Result<crypto::P256PrivateKey> parse_anti_spoofing_key(BytesView text);

}  // namespace signet::fmdnd
