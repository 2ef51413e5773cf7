#!/usr/bin/env python3
"""Bed E: the kernel's own MMC driver on QEMU's eMMC, with unmodified mmc-utils as the independent judge."""

import pathlib
import re

from lib import bed, emmc
from lib.machine import Machine

MMC = pathlib.Path("/usr/bin/mmc")


def counter(machine: Machine) -> int:
    """The chip's write counter as mmc-utils reads it (unauthenticated)."""
    output = machine.run(f"mmc rpmb read-counter {emmc.NODE}")
    return int(re.search(r"Counter value: (0x[0-9a-f]+)", output)[1], 16)


def run(it: bed.Bed) -> None:
    card = it.work / "card.img"
    emmc.create_image(card)
    with it.machine(emmc.MODULES, [MMC]) as machine:
        machine.start(emmc.devices(card))
        machine.run(f"for i in $(seq 100); do [ -c {emmc.NODE} ] && exit; sleep 0.05; done; exit 1")
        it.say("the guest is up")
        print(machine.attempt(f"mmc rpmb read-counter {emmc.NODE}"))
        print(machine.attempt(f"cat /proc/uptime; dmesg | tail; free; cat /sys/block/mmcblk0/device/cid"))
        machine.run(f"printf %s AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH > /tmp/key; mmc rpmb write-key {emmc.NODE} /tmp/key")
        it.check_equal(counter(machine), 0, "the counter of a new card is 0")
        machine.reset()
        machine.wait_until_up()
        it.say("back")


if __name__ == "__main__":
    bed.main("e", run)
