"""Another device in radio range: a controller of the same guest, driven through the same bluetoothd. It has never paired, and
says what it is told to, octet by octet; what it is answered is in the capture."""

import time

from lib import bluetooth
from lib.bluetooth import Bluetooth
from lib.machine import GuestFailure, Machine

_SCANS = 10
_DEVICE = "org.bluez.Device1"
_CHARACTERISTIC = "org.bluez.GattCharacteristic1"


class Central:
    def __init__(self, machine: Machine, stack: Bluetooth, index: int = 1):
        self._machine = machine
        self._stack = stack
        self._index = index

    def find(self, address: str) -> str:
        """Scans until a device of that address has been seen; returns its D-Bus path. btvirt 5.66 reports an advertiser once
        for each beginning of a scan, so there are several, each longer for a slow machine. It dies of an advert of more than 31 octets."""
        wanted = f"{bluetooth.path(self._index)}/dev_{address.replace(':', '_')}"
        if wanted in self._stack.objects():  # bluetoothd remembers for half a minute
            return wanted
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
        self._machine.run("[ ! -e /run/subscribers ] || { kill $(cat /run/subscribers); rm /run/subscribers; }")
        self._stack.call(device, _DEVICE, "Disconnect")

    def subscribe(self, device: str, uuid: str) -> None:
        """To notifications or indications, until it disconnects."""
        path = self._characteristic(device, uuid)
        self._machine.run(f"subscriber {path} > /run/subscriber.log 2>&1 & echo $! >> /run/subscribers")
        deadline = time.monotonic() + 30
        while "subscribed" not in (log := self._machine.run("cat /run/subscriber.log")):
            if time.monotonic() > deadline:
                raise GuestFailure(f"{uuid}: cannot subscribe: {log}")
            time.sleep(0.1)

    def read(self, device: str, uuid: str) -> bytes:
        return bytes(self._stack.call(self._characteristic(device, uuid), _CHARACTERISTIC, "ReadValue", "'a{sv}' 0")[0])

    def write(self, device: str, uuid: str, octets: bytes) -> None:
        """Whether the device takes them or answers with an error."""
        path = self._characteristic(device, uuid)
        value = f"{len(octets)} {' '.join(map(str, octets))}"
        self._machine.attempt(f"busctl call org.bluez {path} {_CHARACTERISTIC} WriteValue 'aya{{sv}}' {value} 0")

    def _characteristic(self, device: str, uuid: str) -> str:
        (objects,) = self._stack.call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        for path, interfaces in objects.items():
            if path.startswith(f"{device}/") and interfaces.get(_CHARACTERISTIC, {}).get("UUID", {}).get("data") == uuid:
                return path
        raise GuestFailure(f"{device} has no characteristic {uuid}")
