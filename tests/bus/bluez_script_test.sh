#!/bin/sh
# bluez_script_test.sh FAKE_BLUEZ BLUEZ_SCRIPT: the conversation of bluez_script, through the fake. Bed I has it through
# bluetoothd.
set -eu
. "$(dirname "$0")/private_rpmbd.sh" # for the bus
. "$(dirname "$0")/private_beacon.sh"
start_bus
start_fake_bluez "$1"
"$2"
