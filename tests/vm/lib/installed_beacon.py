"""The beacon on a whole system: bluetoothd and fmdnd as units of systemd, whose controllers are btvirt's."""

import base64
import pathlib
import shutil

from lib import bluetooth, bluez
from lib.bed import Bed
from lib.bluetooth import Bluetooth, Config
from lib.fmdnd import Fmdnd
from lib.machine import Machine
from lib.unit import Unit

PACKAGES = ("fmdnd",)
_PROGRAMS = "usr/local/sbin"


def install_programs(it: Bed, root: pathlib.Path) -> None:
    """What makes controllers, a button and a speaker, and what marks the capture."""
    btvirt = it.cache / f"bluez-{bluez.BTVIRT_RELEASE}" / "usr/bin/btvirt"
    for program in (btvirt, it.built("tests/vm/hci_control"), it.built("tests/vm/input_device")):
        shutil.copy(program, root / _PROGRAMS)


def write(machine: Machine, path: str, content: bytes, mode: str = "644", owner: str = "root") -> None:
    machine.run(f"mkdir -p $(dirname {path}) && : > {path} && chown {owner} {path} && chmod {mode} {path} && "
                f"echo {base64.b64encode(content).decode()} | base64 -d > {path}")


class InstalledBluetooth(Bluetooth):
    """Where udev has systemd start bluetoothd, when the first controller appears."""

    def __init__(self, machine: Machine, capture: pathlib.Path):
        # With no priority over the kernel's threads: what a controller reports before the kernel has noted that it is
        # looking for devices is dropped, and btvirt reports an advertiser once for each scan.
        super().__init__(machine, capture)
        self.unit = Unit(machine, "bluetooth")

    def start(self, controllers: str = bluetooth.EXTENDED, config: Config = Config()) -> None:
        # btvirt wants the cryptography, too; while modprobe looks for it the kernel gives up on the first controller.
        self._machine.run(f"modprobe --all {' '.join(bluetooth.MODULES)}; udevadm settle")
        self.configure(config)
        self._start_capture()
        self.start_controllers(controllers)
        self.wait_until_powered()

    def restart_bluetoothd(self, signal: str = "TERM") -> None:
        self._machine.run(f"systemctl kill --signal={signal} bluetooth; systemctl restart bluetooth")
        self.wait_until_powered()

    def log(self, process: str) -> str:
        return self.unit.log() if process == "bluetoothd" else super().log(process)


class InstalledFmdnd(Fmdnd):
    def __init__(self, machine: Machine):
        super().__init__(machine)
        self.unit = Unit(machine, "fmdnd")

    def start(self) -> None:
        self._machine.run("systemctl start fmdnd")
        self.wait_for("State", lambda state: state != "starting")

    def restart(self) -> None:
        self._machine.run("systemctl restart fmdnd")

    def log(self) -> str:
        return self.unit.log()
