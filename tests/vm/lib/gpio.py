"""A GPIO chip in a guest (guest/gpio_chip.cpp), and what is wired to it."""

import pathlib
import time

from lib.bed import Bed
from lib.machine import GuestFailure, Machine

MODULES = ["uhid", "hid-cp2112"]


def programs(bed: Bed) -> list[pathlib.Path]:
    return [bed.built("tests/vm/gpio_chip")]


class Chip:
    """The only one: gpiochip0. Its inputs are pulled up. It stays: Linux 6.1 does not survive that a chip goes away while somebody
    waits for interrupts of it."""

    def __init__(self, machine: Machine):
        self._machine = machine

    def plug_in(self) -> None:
        # The pipe is opened for reading and writing: it has no end when a writer closes it.
        self._machine.run("mkfifo /run/gpio; gpio_chip 0<> /run/gpio > /run/gpio.log 2>&1 &")
        if self._machine.attempt("for i in $(seq 300); do [ -e /dev/gpiochip0 ] && exit; sleep 0.1; done; exit 1", 60).status != 0:
            raise GuestFailure(f"there is no GPIO chip: {self._machine.run('cat /run/gpio.log; dmesg | tail -n 20')}")

    def drive(self, line: int, level: int) -> None:
        """What is wired to an input."""
        self._machine.run(f"echo line {line} {level} > /run/gpio")

    def levels(self, line: int) -> list[int]:
        """Those that an output has had since it was plugged in; 0 at first."""
        said = [entry.split() for entry in self._machine.run("cat /run/gpio.log").splitlines()]
        return [int(entry[2]) for entry in said if entry[:2] == ["line", str(line)]]

    def wait_for_changes(self, line: int, count: int) -> list[int]:
        deadline = time.monotonic() + 30
        while len(levels := self.levels(line)) < count:
            if time.monotonic() > deadline:
                raise GuestFailure(f"line {line} of the GPIO chip had only the levels {levels}")
            time.sleep(0.1)
        return levels

    def users(self) -> list[str]:
        """The kernel's account of the lines that somebody has, in words of it: line, consumer, direction, level."""
        listing = self._machine.run("cat /sys/kernel/debug/gpio").splitlines()
        return [" ".join(entry.split()) for entry in listing if "gpio-" in entry]

    def wait_for_users(self, count: int) -> list[str]:
        deadline = time.monotonic() + 30
        while len(users := self.users()) != count:
            if time.monotonic() > deadline:
                raise GuestFailure(f"users of the GPIO chip are {users}")
            time.sleep(0.1)
        return users
