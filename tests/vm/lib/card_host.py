"""The chip of beds D and G: a process on the host that owns it and stops at a chosen point of a chosen write."""

import json
import pathlib
import re
import socket
import subprocess
import tempfile

from lib.channel import Channel
from lib.machine import GuestFailure, Machine

MODULES = ["cuse", "virtio_pci", "virtio_console"]
NODE = "/dev/rpmb-card"  # in the guest
_PORT = "/dev/vport0p1"  # the guest's end of the line to the chip


class CardHost:
    """cards/card_host.cpp around one chip file, started anew for every life of the machine."""

    def __init__(self, program: pathlib.Path, chip: pathlib.Path, size: int, write_frames: int):
        self._command = [program, "--chip", chip, "--size", str(size), "--write-frames", str(write_frames)]
        self.path = chip
        self._size = size
        self._log = chip.with_suffix(".log")
        self._directory = tempfile.TemporaryDirectory(prefix="signet-vm-")
        self._socket = f"{self._directory.name}/card"
        self._process: subprocess.Popen | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self._directory.cleanup()

    def show(self) -> dict:
        """The chip's CID and write counter, read from its file."""
        return json.loads(subprocess.run([*self._command, "--show"], check=True, capture_output=True).stdout)

    def table(self) -> str:
        """What rpmbd has to be told of the chip; see rpmbd.files()."""
        return f'transport = "mmc"\nnode = "{NODE}"\ncid = "{self.show()["cid"]}"\nsize = {self._size}'

    def start(self, cut_at: int = 0, where: str = "after") -> None:
        """Waits for a guest; stops at accepted write number `cut_at` (0: never): "before" it takes effect, "after" its
        commit and before the result, or when it is "answered"."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*self._command, "--listen", self._socket, "--cut-at", str(cut_at), "--where", where, "--orders"],
                stdin=subprocess.PIPE,
                stdout=theirs,
            )
        self._output = Channel(ours, self._log.open("ab"))
        if not (self._output.read_line(30) or "").startswith("READY"):
            raise GuestFailure("card_host does not start")

    def devices(self) -> list[str]:
        """QEMU's arguments for the line between the guest and the chip."""
        return [
            *("-device", "virtio-serial-pci", "-chardev", f"socket,id=card,path={self._socket}"),
            *("-device", "virtserialport,chardev=card,name=rpmb"),
        ]

    def cut_at(self, number: int, where: str) -> None:
        """While it runs: stops at accepted write `number` from now on, at the point `where` as in start()."""
        self._process.stdin.write(f"{number} {where}\n".encode())
        self._process.stdin.flush()

    def cut(self) -> int | None:
        """The chip's write counter once the chosen point has been reached; None before."""
        match = re.fullmatch(r"CUT (\d+)", self._output.read_line(0) or "")
        return int(match[1]) if match else None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._output.close()
            self._process = None


def plug_in(machine: Machine) -> None:
    """Makes the guest's device of the chip, after every start of the guest, and gives it to rpmbd."""
    card = f"cuse_card --name {pathlib.Path(NODE).name} --stream {_PORT}"
    machine.run(f"{card} > /run/card.log 2>&1 & while [ ! -c {NODE} ]; do sleep 0.05; done")
    machine.run(f"chown rpmbd {NODE}")
