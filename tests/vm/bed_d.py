#!/usr/bin/env python3
"""Bed D: the whole machine is killed at a chosen point between the request, the commit and the answer of a write.

The guest's RPMB device is a CUSE card whose chip lives in a process of the host. That process says when the point is
reached; then QEMU gets SIGKILL, and a new machine starts on the same chip.
"""

import itertools
import secrets
import time

from lib import bed, card_host, rpmbd
from lib.bed import Bed
from lib.card_host import CardHost
from lib.machine import GuestFailure, Machine
from lib.rpmbd import Rpmbd
from lib.workload import Workload

SIZE = 131072
CUTS = 10  # on each chip
POINTS = {
    "before": "a write had been asked for",
    "after": "a write was on the chip, before its answer",
    "answered": "a write was answered",
}
NO_CUT = (0, "after")


class Device:
    """A machine and its chip, which outlives it."""

    def __init__(self, it: Bed, write_frames: int):
        name = f"{write_frames}-frame"
        self.host = CardHost(it.built("tests/vm/cards/card_host"), it.work / f"{name}.chip", SIZE, write_frames)
        self.cid = self.host.show()["cid"]
        programs = [*rpmbd.programs(it), it.built("tests/vm/cards/cuse_card")]
        files = rpmbd.files(self.host.table(), secrets.token_bytes(32))
        self.machine: Machine = it.machine(card_host.MODULES, programs, files, name)
        self.rpmbd = Rpmbd(self.machine)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.host.__exit__()

    def power_on(self, cut_at: int, where: str) -> dict:
        """Starts the machine up to rpmbd; returns its status. The chip stops at accepted write `cut_at`, at the point
        `where`."""
        self.host.start(cut_at, where)
        self.machine.start(self.host.devices())
        card_host.plug_in(self.machine)
        return self.rpmbd.start()

    def kill(self) -> None:
        self.machine.kill()
        self.host.kill()


def write_until_cut(device: Device, workload: Workload) -> int:
    """Kills the machine at the point that its chip was told; returns the chip's write counter there."""
    device.machine.begin(f"object_loop write {workload.first} > /dev/ttyS0")
    deadline = time.monotonic() + 60
    counter = None
    settled = 0.0  # when the last acknowledgements of before the cut must have arrived
    while counter is None or time.monotonic() < settled:
        line = device.machine.console.read_line(0.02) or ""
        if line.startswith("error"):
            raise bed.CheckFailed(line)
        workload.take(line)
        if counter is None and (counter := device.host.cut()) is not None:
            settled = time.monotonic() + 0.2
        if counter is None and time.monotonic() > deadline:
            raise GuestFailure(f"the chip is not written to: {device.rpmbd.log()}")
    device.kill()
    return counter


def check(it: Bed, device: Device, status: dict, workload: Workload, point: str, counter: int) -> None:
    it.check_equal(status["state"], "ready", f"killed when {point}: the store mounts")
    it.check_equal(status["health"]["write_counter"], counter, f"the chip's counter is still {counter}")
    wrong = workload.check(device.machine.run("object_loop list"))
    it.check(wrong is None, wrong or f"it holds {workload}")
    device.rpmbd.run("doctor --json")


def cut_power(it: Bed, write_frames: int) -> None:
    with Device(it, write_frames) as device:
        device.power_on(*NO_CUT)
        device.rpmbd.run(f"chip provision --cid {device.cid} --root-backup none-accepted --yes")
        learnt = device.rpmbd.status()["chip"]["write_frames"]
        it.check_equal(learnt, write_frames, "a chip is provisioned, and the frames it writes at once are learnt")
        device.kill()

        workload = Workload()
        cuts = [(it.random.randint(1, 40), point) for point in itertools.islice(itertools.cycle(POINTS), CUTS)]
        device.power_on(*cuts[0])
        for (_, point), following in zip(cuts, [*cuts[1:], NO_CUT]):
            counter = write_until_cut(device, workload)
            status = device.power_on(*following)
            check(it, device, status, workload, POINTS[point], counter)


def run(it: Bed) -> None:
    for write_frames in (1, 2, 32):
        cut_power(it, write_frames)
    it.say(f"{3 * CUTS} kills, and no acknowledged change was missing")


if __name__ == "__main__":
    bed.main("d", run)
