#include "bluez/central/bluez_central.h"
#include "owner.h"

namespace signet::owner {

finder::OpenCentral& central_opener() {
  static finder::OpenCentral opener = bluez::open_bluez_central;
  return opener;
}

}  // namespace signet::owner
