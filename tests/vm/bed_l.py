#!/usr/bin/env python3
"""Bed L: a Find My Device Network accessory that gets its owner, and is reset in each step of that. After each it comes up by itself and is
wholly as before or wholly as after; the beacon is on the air with the right identifier, and its clock has not gone back. The same for a
reboot, and for parts that are restarted; how long each takes is printed.
"""

import time

from lib import bed, life, on_air
from lib.bed import Bed
from lib.life import Life


def gets_paired(it: Life) -> None:
    it.reset_in_each_step("pairing", it.pairing, key="", least=2)


def gets_a_key(it: Life) -> None:
    def command() -> str:
        it.is_paired()
        return it.provisioning("first")

    it.reset_in_each_step("provisioning", command, key="first", least=7)


def starts_again(it: Life) -> None:
    begin = it.loses_power(it.stop)
    it.device.reboot()
    it.start()
    it.is_whole("reboot", begin)


def goes_on(it: Life) -> None:
    device, stack = it.device, it.device.bluetooth

    def power_cycle() -> None:
        stack.power_cycle(0)
        stack.wait_until_powered()

    def restart_rpmbd() -> None:
        device.rpmbd.stop()
        device.rpmbd.start()

    before = it.beacon.wait_for_frame().payload
    for what, restart in (("bluetoothd stopped and started", stack.restart_bluetoothd),
                          ("bluetoothd killed and started", lambda: stack.restart_bluetoothd("KILL")),
                          ("adapter off and on", power_cycle), ("rpmbd stopped and started", restart_rpmbd)):
        begin = stack.mark(what)
        restart()
        payload = it.beacon.wait_for_frame().payload
        silence = on_air.longest_silence(it.beacon.spans(), begin, stack.mark("until here"))
        it.it.check_equal(payload, before, f"{what}: the same frame is on the air; the longest silence was {silence:.2f} s")


def waits_for_rpmbd(it: Life) -> None:
    it.fmdnd.stop()
    it.device.rpmbd.stop()
    it.fmdnd.start_without_store()
    begin = time.monotonic()
    it.device.rpmbd.start()
    it.is_whole("rpmbd started after fmdnd", begin)


def is_asked(it: Life) -> None:
    """By its owner, who was told of none of the resets."""
    found = it.owner.json("params bag")
    state = it.owner.json("state bag")
    it.it.check(state["owner"] and state["provisioned"], f"its owner asks over the air: its clock shows {found['clock']}")


def run(it: Bed) -> None:
    with life.device(it) as beacon:
        gets_paired(beacon)
        gets_a_key(beacon)
        starts_again(beacon)
        goes_on(beacon)
        waits_for_rpmbd(beacon)
        is_asked(beacon)


if __name__ == "__main__":
    bed.main("l", run, ("qemu", "kernel", "bluez-bookworm"))
