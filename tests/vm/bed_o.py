#!/usr/bin/env python3
"""Bed O: the accessory of bed L loses its owner, and is reset in each step of that. Its power goes also while the chip writes another
identity key, and while the disk writes the clock. After each it is wholly as before or wholly as after.
"""

from lib import bed, life
from lib.bed import Bed
from lib.life import FACTORY_RESET, STATE, Life


def writes_its_clock(it: Life) -> None:
    it.is_owned()
    before = it.device.disks[STATE].kept
    it.fmdnd.stop()
    flushes = it.device.disks[STATE].kept - before
    it.fmdnd.start()
    number = it.it.random.randint(1, flushes)
    it.cut_at_disk(number, it.fmdnd.stop_command())
    it.comes_up(f"power cut at flush {number} of {flushes} of its disk while it writes its clock down")


def gets_another_key(it: Life) -> None:
    it.cut_at_chip("after", it.provisioning("second"))
    it.key = "second"
    it.comes_up("power cut when the chip had written another key, and not said so")


def is_reset(it: Life) -> None:
    def command() -> str:
        it.is_owned()
        return FACTORY_RESET

    it.reset_in_each_step("factory reset", command, key="", least=5)


def is_forgotten(it: Life) -> None:
    def command() -> str:
        it.is_owned()
        return it.unprovisioning()

    it.reset_in_each_step("un-provisioning", command, key="", least=5)


def run(it: Bed) -> None:
    with life.device(it) as beacon:
        writes_its_clock(beacon)
        gets_another_key(beacon)
        is_reset(beacon)
        is_forgotten(beacon)


if __name__ == "__main__":
    bed.main("o", run, ("qemu", "kernel", "bluez-bookworm"))
