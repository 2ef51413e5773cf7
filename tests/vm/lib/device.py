"""A whole device of bed G: a chip with rpmbd, Bluetooth controllers with BlueZ, a button and a speaker."""

import pathlib
import secrets
import time

from lib import bluetooth, card_host, disk, rpmbd
from lib.bed import Bed
from lib.bluetooth import Bluetooth
from lib.card_host import CardHost
from lib.disk import Disk
from lib.machine import GuestFailure, Machine
from lib.rpmbd import Rpmbd

_SIZE = 131072
_WRITE_FRAMES = 2


class Device:
    """Off at first. The chip outlives the machine's power cuts, and so do disks if the guest has any; what bluetoothd has stored
    does not."""

    def __init__(
        self,
        it: Bed,
        name: str,
        programs: list[pathlib.Path] = [],
        files: dict[str, bytes] = {},
        bluez_release: str = "bookworm",
        disks: dict[str, Disk] = {},
        drivers: list[str] = [],
    ):
        """`programs`, `files` and `drivers` (kernel modules): what the guest needs besides, such as fmdnd and its
        configuration. `bluez_release`: the Debian whose BlueZ it has, "bookworm" (5.66) or "trixie" (5.82). `disks`: by the
        folders where they are mounted."""
        self.disks = disks
        self.chip = CardHost(it.built("tests/vm/cards/card_host"), it.work / f"{name}.chip", _SIZE, _WRITE_FRAMES)
        self.cid = self.chip.show()["cid"]
        needs = [*rpmbd.programs(it), *bluetooth.programs(it), it.built("tests/vm/cards/cuse_card"),
                 it.built("tests/vm/input_device"), *programs]
        content = rpmbd.files(self.chip.table(), secrets.token_bytes(32)) | bluetooth.files(it, bluez_release) | files
        modules = [*card_host.MODULES, *bluetooth.MODULES, *(disk.MODULES if disks else []), *drivers]
        self.machine: Machine = it.machine(modules, list(dict.fromkeys(needs)), content, name)
        self.rpmbd = Rpmbd(self.machine)
        self.bluetooth = Bluetooth(self.machine, it.work / f"{name}.btsnoop")
        self.input = Input(self.machine)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.kill()
        self.chip.__exit__()

    def power_on(self) -> None:
        """Starts the machine, and plugs in its chip; no daemon runs yet."""
        self.chip.start()
        # The chip expects the first virtio port.
        disks = [argument for one in self.disks.values() for argument in one.devices()]
        self.machine.start([*self.chip.devices(), *self.bluetooth.devices(), *disks])
        self._plug_in()

    def power_off(self) -> None:
        """Everything stops in mid-instruction."""
        self.machine.kill()
        self.chip.kill()
        for one in self.disks.values():
            one.wait_until_unplugged()
            one.lose_power()

    def cut_power(self) -> None:
        """The same, and the machine boots anew."""
        self.power_off()
        self.power_on()

    def reset(self) -> None:
        """QEMU's system_reset, while chip and disks have nothing to answer: the guest stops in mid-instruction, and boots anew."""
        self.machine.reset()
        for one in self.disks.values():
            one.lose_power()
        self.machine.wait_until_up()
        self._plug_in()

    def reboot(self) -> None:
        """As its user does it; the daemons have ended."""
        self.machine.begin("".join(f"umount {folder}; " for folder in self.disks) + "reboot -f")
        self.machine.wait_until_up()
        self._plug_in()

    def _plug_in(self) -> None:
        for node, folder in zip(disk.NODES, self.disks):
            self.machine.run(f"mkdir -p {folder} && mount -t ext4 -o {disk.OPTIONS} {node} {folder}")
        card_host.plug_in(self.machine)

    def start_rpmbd(self) -> None:
        """Starts rpmbd, on a chip that is provisioned if it was not."""
        if self.rpmbd.start()["problem"] == "not_provisioned":
            self.rpmbd.run(f"chip provision --cid {self.cid} --root-backup none-accepted --yes")


class Input:
    """A button and a speaker, made by guest/input_device.cpp."""

    def __init__(self, machine: Machine):
        self._machine = machine
        self._pid = 0

    def plug_in(self) -> str:
        """Returns the device's path."""
        # The pipe is opened for reading and writing: it has no end when a writer closes it.
        self._pid = int(self._machine.run("rm -f /run/input /run/input.log; mkfifo /run/input; "
                                          "input_device 0<> /run/input > /run/input.log 2>&1 & echo $!"))
        return self._expect("device ", 1)[0].removeprefix("device ")

    def unplug(self) -> None:
        self._machine.run(f"kill {self._pid}; while kill -0 {self._pid} 2>/dev/null; do sleep 0.05; done")

    def key(self, code: int, pressed: bool) -> None:
        self._machine.run(f"echo key {code} {int(pressed)} > /run/input")

    def sounds(self) -> list[tuple[int, int]]:
        """The sound events (code, value) that have come so far."""
        return [tuple(map(int, line.split()[1:])) for line in self._lines() if line.startswith("sound ")]

    def wait_for_sounds(self, count: int) -> list[tuple[int, int]]:
        self._expect("sound ", count)
        return self.sounds()

    def _lines(self) -> list[str]:
        return self._machine.run("touch /run/input.log; cat /run/input.log").splitlines()

    def _expect(self, beginning: str, count: int) -> list[str]:
        deadline = time.monotonic() + 30
        while len(found := [line for line in self._lines() if line.startswith(beginning)]) < count:
            if time.monotonic() > deadline:
                raise GuestFailure(f"the input device shows no '{beginning}': {self._lines()}")
            time.sleep(0.1)
        return found
