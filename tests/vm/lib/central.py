"""Another device in radio range: a controller of the same guest, driven through the same bluetoothd. It only looks, connects
and discovers; what is said then is for the bed's own client to say."""

import time

from lib import bluetooth
from lib.bluetooth import Bluetooth
from lib.machine import GuestFailure, Machine

_SCANS = 10
_DEVICE = "org.bluez.Device1"


class Central:
    def __init__(self, machine: Machine, stack: Bluetooth, index: int = 1):
        self._machine = machine
        self._stack = stack
        self._index = index

    def find(self, address: str) -> str:
        """Scans until a device of that address has been seen; returns its D-Bus path. btvirt 5.66 reports an advertiser once
        for each beginning of a scan, so there are several, each longer for a slow machine. It dies of an advert of more than 31 octets."""
        wanted = f"{bluetooth.path(self._index)}/dev_{address.replace(':', '_')}"
        commands = f"select {bluetooth.identity(self._index)}\\nscan le\\n"
        for scan in range(_SCANS):
            self._machine.run(f"(printf '{commands}'; sleep {2 + scan}) | bluetoothctl > /run/bluetoothctl.log 2>&1")
            if wanted in self._stack.objects():
                return wanted
        raise GuestFailure(f"{address} is not seen: {self._machine.run('cat /run/bluetoothctl.log')}")

    def connect(self, device: str) -> None:
        """Connects, and waits until bluetoothd has discovered the services."""
        self._stack.call(device, _DEVICE, "Connect")  # 2 to 8 s
        deadline = time.monotonic() + 30
        while not self._stack.get(device, _DEVICE, "ServicesResolved"):
            if time.monotonic() > deadline:
                raise GuestFailure(f"{device}: services are not discovered")
            time.sleep(0.2)

    def disconnect(self, device: str) -> None:
        """Takes 2 s and more: bluetoothd lets a link go only after a while."""
        self._stack.call(device, _DEVICE, "Disconnect")
