#!/usr/bin/env python3
"""Bed M: the accessory of bed L loses its owner, and is reset in each step of that. And its power goes while the chip writes another identity
key, and while the disk writes the clock. After each it is wholly as before or wholly as after.
"""

from lib import bed, life
from lib.bed import Bed
from lib.life import FACTORY_RESET, STATE, Life


def gets_another_key(it: Life) -> None:
    it.is_owned()
    it.cut_at_chip("after", it.provisioning("second"))
    it.key = "second"
    it.comes_up("power cut when the chip had written another key, and not said so")
    it.machine.run(it.provisioning("second"), 180)  # its owner has not heard that it took the key


def writes_its_clock(it: Life) -> None:
    before = it.device.disks[STATE].kept
    it.fmdnd.stop()
    flushes = it.device.disks[STATE].kept - before
    it.fmdnd.start()
    number = it.it.random.randint(1, flushes)
    it.cut_at_disk(number, it.fmdnd.stop_command())
    it.comes_up(f"power cut when its disk was to keep something for the {number}. of {flushes} times while the clock is written down")


def is_forgotten(it: Life) -> None:
    def command() -> str:
        it.is_owned()
        return it.unprovisioning()

    it.reset_in_each_step("un-provisioning", command, key="", least=5)


def is_reset(it: Life) -> None:
    def command() -> str:
        it.is_owned()
        return FACTORY_RESET

    it.reset_in_each_step("factory reset", command, key="", least=5)


def run(it: Bed) -> None:
    with life.device(it) as beacon:
        gets_another_key(beacon)
        writes_its_clock(beacon)
        is_forgotten(beacon)
        is_reset(beacon)


if __name__ == "__main__":
    bed.main("m", run, ("qemu", "kernel", "bluez-bookworm"))
