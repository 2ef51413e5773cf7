"""A phone's end of the message stream: guest/rfcomm_seeker.cpp on the other controller, fed through a pipe."""

import pathlib
import time

from lib import bluetooth
from lib.bed import Bed
from lib.machine import GuestFailure, Machine

MESSAGE_STREAM = "df21fe2c-2515-4fdb-8886-f12c4d67927c"

Message = tuple[int, int, bytes]  # group, code, data


def programs(bed: Bed) -> list[pathlib.Path]:
    return [bed.built("tests/vm/rfcomm_seeker")]


def messages(octets: bytes) -> list[Message]:
    """The whole ones of the stream."""
    found = []
    while len(octets) >= 4 and len(octets) >= (end := 4 + int.from_bytes(octets[2:4], "big")):
        found.append((octets[0], octets[1], octets[4:end]))
        octets = octets[end:]
    return found


class Seeker:
    """One connection at a time."""

    def __init__(self, machine: Machine, index: int = 1, to: int = 0):
        self._machine = machine
        self._ends = f"{bluetooth.identity(index)} {bluetooth.identity(to)}"

    def connect(self, uuid: str = MESSAGE_STREAM) -> None:
        self._machine.run(
            "rm -f /run/seeker; mkfifo /run/seeker; "
            f"rfcomm_seeker {self._ends} {uuid} 0<> /run/seeker > /run/seeker.log 2>&1 &")
        self._wait(lambda lines: any(line in ("connected", "end") or line.startswith("error") for line in lines))
        if "connected" not in self._lines():
            raise GuestFailure(f"no stream: {self._lines()}")

    def attempt(self) -> str:
        """Connects where that may fail: "connected", or why not."""
        try:
            self.connect()
        except GuestFailure:
            return self._lines()[-1]
        return "connected"

    def say(self, octets: str) -> None:
        self._machine.run(f"echo {octets} > /run/seeker")

    def octets(self) -> bytes:
        return b"".join(bytes.fromhex(line.split()[1]) for line in self._lines() if line.startswith("heard "))

    def hear(self, count: int) -> list[Message]:
        """The messages so far, once there are so many."""
        self._wait(lambda _: len(messages(self.octets())) >= count)
        return messages(self.octets())

    def is_closed(self) -> bool:
        return any(line.startswith("closed") for line in self._lines())

    def wait_until_closed(self) -> None:
        self._wait(lambda _: self.is_closed())

    def end(self) -> None:
        self.say("end")

    def _lines(self) -> list[str]:
        return self._machine.run("cat /run/seeker.log").splitlines()

    def _wait(self, condition, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition(lines := self._lines()):
            if time.monotonic() > deadline:
                raise GuestFailure(f"the seeker hears {lines}")
            time.sleep(0.2)
