// The machine's Bluetooth, as the options of a command choose it.
#pragma once

#include "finder/radio.h"
#include "signetctl/session.h"

namespace signet::ctl {

// What opens it: bluetoothd on the bus. Tests put devices that they made up in its place.
finder::OpenCentral& central_opener();

// --adapter, --timeout, and the progress that people see. Keeps a reference to `session`.
finder::Radio radio_of(Session& session, const std::string& adapter);

}  // namespace signet::ctl
