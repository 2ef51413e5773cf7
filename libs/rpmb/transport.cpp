#include "rpmb/transport.h"

namespace signet::rpmb {

const char* name(Kind kind) {
  switch (kind) {
    case Kind::mmc: return "mmc";
    case Kind::ufs: return "ufs";
    case Kind::emulator: return "emulator";
  }
  return "unknown";
}

}  // namespace signet::rpmb
