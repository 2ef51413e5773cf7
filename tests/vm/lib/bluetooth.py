"""The Bluetooth stack of a guest: emulated controllers (btvirt), the kernel, bluetoothd, and btmon's capture of it all.

The capture goes out through a virtio port into a file of the host while it grows, so that it survives a power cut.
"""

import dataclasses
import json
import pathlib
import shlex
import time

from lib import bluez, btsnoop
from lib.bed import Bed
from lib.btsnoop import Record
from lib.machine import Finished, GuestFailure, Machine

START_TIMEOUT = 60  # seconds; 3 on an idle machine

# The stack with RFCOMM; devices made in user space; what pairing and bluetoothd's hash of the GATT database need of the
# kernel's cryptography; the capture's way out.
MODULES = [
    *"bluetooth hci_vhci rfcomm uhid uinput evdev".split(),
    *"cmac ecb ctr ccm seqiv sha512_generic drbg jitterentropy_rng ecdh_generic algif_hash algif_skcipher algif_aead".split(),
    *"virtio_pci virtio_console".split(),
]

# Kinds of controllers, as btvirt's options; a number after -l makes more of them than two.
EXTENDED = "-l2"
LEGACY = "-l2 -L"

_PORT = "capture"
_DEBUG = "/sys/kernel/debug"
_CONFIG = "/etc/bluetooth/main.conf"
_FIRST_ADDRESSES = ("00:AA:01:00:00:00", "00:AA:01:01:00:01")  # of btvirt's controllers


def programs(bed: Bed) -> list[pathlib.Path]:
    own = [bed.built(f"tests/vm/{name}") for name in ("hci_control", "subscriber")]
    return [pathlib.Path("/usr/bin/dbus-daemon"), pathlib.Path("/usr/bin/busctl"), *own]


def files(bed: Bed, release: str) -> dict[str, bytes]:
    """`release`: the Debian whose BlueZ it is, one of those that ./dev vm fetches."""
    return bluez.files(bed.cache, release)


@dataclasses.dataclass(frozen=True)
class Config:
    """bluetoothd's main.conf. Always: no discovery of services back into the central, and no second ATT channel, which
    would let PDUs overtake each other."""

    mode: str = "le"  # or "dual", which changes the flags that BlueZ advertises
    private: bool = True  # whether addresses are resolvable private ones
    name: str = "signet"

    def text(self) -> str:
        privacy = "Privacy = device\n" if self.private else ""
        return (
            f"[General]\nName = {self.name}\nControllerMode = {self.mode}\nReverseServiceDiscovery = false\n{privacy}"
            "[GATT]\nChannels = 1\n"
        )


class Bluetooth:
    """The stack of one machine. After a power cut of the machine it has to be started again."""

    def __init__(self, machine: Machine, capture: pathlib.Path, btvirt: str = "btvirt"):
        """`btvirt`: the command that makes controllers."""
        self._machine = machine
        self._capture = capture
        self._btvirt = btvirt
        self._begin = 0  # of the present capture in the file: each start() begins another
        self._marks = 0
        self._pids: dict[str, int] = {}
        self._controllers = 0

    def devices(self) -> list[str]:
        """QEMU's arguments for the capture's way out; behind those of a chip, which expects the first virtio port."""
        return [
            *("-chardev", f"file,id=capture,path={self._capture},append=on", "-device", "virtio-serial-pci,id=captures"),
            *("-device", f"virtserialport,bus=captures.0,chardev=capture,name={_PORT}"),
        ]

    def start(self, controllers: str = EXTENDED, config: Config = Config()) -> None:
        """Starts everything and waits until all adapters are powered."""
        self._machine.run(
            f"start-bus && mkdir -p /etc/bluetooth /var/lib/bluetooth && "
            f"{{ grep -q ' {_DEBUG} ' /proc/mounts || mount -t debugfs debugfs {_DEBUG}; }}"
        )
        self.configure(config)
        self._start_capture()
        self.start_controllers(controllers)
        self.start_bluetoothd()

    def configure(self, config: Config) -> None:
        """For the next start of bluetoothd."""
        self._machine.run(f"printf %s {shlex.quote(config.text())} > {_CONFIG}")

    def start_controllers(self, options: str) -> None:
        count = int(options.removeprefix("-l").split()[0])
        self._start("btvirt", f"{self._btvirt} {options}")
        self._wait(f"[ -e /sys/class/bluetooth/hci{count - 1} ]", "btvirt makes no controllers", "btvirt")
        self._controllers = count

    def stop_controllers(self) -> None:
        """Unplugs all controllers."""
        self._stop("btvirt", "KILL")
        self._wait("[ -z \"$(ls /sys/class/bluetooth)\" ]", "the controllers do not go away", "btvirt")

    def start_bluetoothd(self) -> None:
        self._start("bluetoothd", "bluetoothd -n -d")
        self.wait_until_powered()

    def stop_bluetoothd(self, signal: str = "TERM") -> None:
        self._stop("bluetoothd", signal)

    def restart_bluetoothd(self, signal: str = "TERM") -> None:
        """`signal`: how the old one ends; "KILL" for a crash."""
        self.stop_bluetoothd(signal)
        self.start_bluetoothd()

    def wait_until_powered(self) -> None:
        for index in range(self._controllers):
            self._wait(
                f"busctl get-property org.bluez {path(index)} org.bluez.Adapter1 Powered 2>&1 | grep -q true",
                f"hci{index} is not powered", "bluetoothd")

    def power(self, index: int, on: bool) -> None:
        self.set(path(index), "org.bluez.Adapter1", "Powered", "b", str(on).lower())

    def power_cycle(self, index: int) -> None:
        self.power(index, False)
        self.power(index, True)

    def get(self, object_path: str, interface: str, name: str):
        """A property of an object of bluetoothd."""
        output = self._busctl(f"get-property org.bluez {object_path} {interface} {name}")
        return json.loads(output)["data"]

    def set(self, object_path: str, interface: str, name: str, signature: str, value: str) -> None:
        self._busctl(f"set-property org.bluez {object_path} {interface} {name} {signature} {value}")

    def call(self, object_path: str, interface: str, method: str, arguments: str = ""):
        """Calls a method of bluetoothd with busctl's notation of signature and arguments; returns the reply's values."""
        output = self._busctl(f"call org.bluez {object_path} {interface} {method} {arguments}")
        return json.loads(output)["data"] if output.strip() else []

    def objects(self) -> list[str]:
        """The paths of all objects of bluetoothd."""
        return self._machine.run("busctl tree --list org.bluez").split()

    def set_rpa_timeout(self, index: int, seconds: int) -> None:
        """How old a private address may become; holds for addresses that are generated from now on."""
        self._machine.run(f"echo {seconds} > {_DEBUG}/bluetooth/hci{index}/rpa_timeout")

    def attempt(self, arguments: str) -> Finished:
        """Runs hci_control."""
        return self._machine.attempt(f"hci_control {arguments}")

    def control(self, arguments: str) -> str:
        """The same for a command that has to succeed."""
        return self._machine.run(f"hci_control {arguments}")

    def mark(self, text: str) -> float:
        """Writes a line into the capture, waits until it is there, and with it all that was before; returns its time."""
        self._marks += 1
        line = f"{self._marks} {text}"
        self.control(f"mark {shlex.quote(line)}")
        deadline = time.monotonic() + 30
        while line.encode() + b"\0" not in self._octets():
            if time.monotonic() > deadline:
                raise GuestFailure(f"the capture does not go on: {self.log('btmon')}")
            time.sleep(0.05)
        return btsnoop.marks(self.records())[line]

    def records(self) -> list[Record]:
        """The capture since the last start()."""
        return btsnoop.records(self._octets())

    def runs(self, process: str) -> bool:
        return self._machine.attempt(f"kill -0 {self._pids[process]}").status == 0

    def log(self, process: str) -> str:
        """The end of what "btmon", "btvirt" or "bluetoothd" has printed."""
        return self._machine.run(f"tail -n 30 /run/{process}.log")

    def _start_capture(self) -> None:
        self._begin = self._capture.stat().st_size
        find = f"grep -lx {_PORT} /sys/class/virtio-ports/*/name"
        self._start("btmon", f'btmon -w /dev/$(basename $(dirname "$({find})"))', "/dev/null")

    def _octets(self) -> bytes:
        with self._capture.open("rb") as capture:
            capture.seek(self._begin)
            return capture.read()

    def _start(self, process: str, command: str, output: str = "") -> None:
        log = f"/run/{process}.log"
        self._pids[process] = int(self._machine.run(f"{command} >> {output or log} 2>> {log} & echo $!"))

    def _stop(self, process: str, signal: str) -> None:
        pid = self._pids[process]
        self._machine.run(f"kill -{signal} {pid}; while kill -0 {pid} 2>/dev/null; do sleep 0.05; done")

    def _wait(self, condition: str, complaint: str, process: str) -> None:
        """Waits until a command in the guest succeeds; looks there, since a look from here takes longer."""
        loop = f"for i in $(seq {START_TIMEOUT * 10}); do {condition} && exit; sleep 0.1; done; exit 1"
        if self._machine.attempt(loop, 4 * START_TIMEOUT).status != 0:
            raise GuestFailure(f"{complaint}: {self.log(process)}")

    def _busctl(self, arguments: str) -> str:
        return self._machine.run(f"busctl --json=short --timeout={START_TIMEOUT} {arguments}")


def path(index: int) -> str:
    """The D-Bus path of a controller."""
    return f"/org/bluez/hci{index}"


def identity(index: int) -> str:
    """The public address of one of the first two controllers."""
    return _FIRST_ADDRESSES[index]
