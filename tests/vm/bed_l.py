#!/usr/bin/env python3
"""Bed L: a Find My Device Network accessory whose power is cut in each step in which it gets or loses its owner, at a chosen write
of the chip that holds the owner's keys or of the disk that holds the beacon's clock. After each it comes up by itself and is wholly
as before or wholly as after; the beacon is on the air with the right identifier, and its clock has not gone back. The same for a
reboot, and for parts that are restarted; how long each takes is printed.
"""

import hashlib
import struct
import time
from collections.abc import Callable

from lib import bed, bluetooth, disk, fmdnd, on_air
from lib.beacon import Beacon
from lib.bed import Bed
from lib.bluetooth import Config
from lib.device import Device
from lib.disk import Disk
from lib.fmdnd import Fmdnd, Model, Owner
from lib.machine import GuestFailure

STATE = "/var/lib/signet/fmdnd"
OWNER = "/owner"  # the folder with her keyring
PERIOD = 1024
FIRST_CLOCK = 1000 * PERIOD - 60  # so that the identifier changes in the course of this bed
KEYS = {"first": "11" * 32, "second": "22" * 32}
RESET = "busctl call org.signet.Fmdn1 /org/signet/Fmdn1 org.signet.Fmdn1 FactoryReset"


class Life:
    """The device over all its lives, with its owner in range."""

    def __init__(self, it: Bed, device: Device):
        self.it = it
        self.device = device
        self.machine = device.machine
        self.beacon = Beacon(device.bluetooth)
        self.fmdnd = Fmdnd(device.machine)
        self.owner = Owner(device.machine, f"{OWNER}/keyring")
        self.key = ""  # the name of its identity key
        self._clock: tuple[int, float] | None = None  # what the beacon's clock showed, and when by the host's
        self._off = 0.0  # since when it has had no power

    def start(self) -> None:
        """What an init system does after every boot."""
        self.device.start_rpmbd()
        self.device.bluetooth.start(bluetooth.EXTENDED, Config(private=False))
        self.fmdnd.start()

    def stop(self) -> None:
        self.fmdnd.stop()
        self.device.bluetooth.stop_bluetoothd()
        self.device.rpmbd.stop()

    def cut_at_chip(self, where: str, command: str) -> None:
        """Cuts the power when `command` has made the chip reach that point of its next write."""
        self.device.chip.cut_at(1, where)
        self._cut_in(command, lambda: self.device.chip.cut() is not None)

    def cut_at_disk(self, number: int, command: str) -> None:
        """When fmdnd's disk is to keep something for the so many-th time from now."""
        self.device.disks[STATE].cut_at(number)
        self._cut_in(command, self.device.disks[STATE].cut)

    def comes_up(self, what: str) -> None:
        """After a cut."""
        begin = time.monotonic()
        self.device.power_on()
        self.start()
        self.is_whole(what, begin)

    def is_whole(self, what: str, begin: float) -> None:
        """It has the identity key that it should have, or is as out of the box. `begin`: when it got its power back."""
        self.fmdnd.wait_for("State", lambda state: state == ("provisioned" if self.key else "factory"))
        if not self.key:
            self._clock = None
            return self.it.check_equal(self.beacon.frames(), [], f"{what}: nobody owns it, and it is off the air")
        payload = self.beacon.wait_for_frame().payload
        seconds = time.monotonic() - begin
        clock = self._read_clock()
        frame = self.owner.json(f"frame --eik /etc/{self.key}.eik --clock {clock}")["frame"]
        self.it.check_equal(payload.hex(), frame, f"{what}: after {seconds:.1f} s it is on the air, under its {self.key} key")
        self._goes_on(clock)

    def _read_clock(self) -> int:
        """As fmdnd wrote it down when it started, in one of its two files."""
        files = [bytes.fromhex(self.machine.run(f"hexdump -v -e '1/1 \"%02x\"' {STATE}/{name} || true")) for name in ("clock", "clock.2")]
        return max(struct.unpack(">I", octets[:4])[0] for octets in files if octets == checkpoint(octets[:12]))

    def _goes_on(self, clock: int) -> None:
        before, self._clock = self._clock, (clock, time.monotonic())
        if before is None:
            return self.it.say(f"its clock shows {clock}")
        # Seen last when the power went: what has passed until then must not pass again. Two seconds for rounding.
        least = before[0] + int(self._off - before[1]) - 2
        passed = self._clock[1] - before[1]
        self.it.check(clock >= max(least, before[0]), f"its clock went on by {clock - before[0]} s in {passed:.1f} s, to {clock}")

    def _cut_in(self, command: str, reached: Callable[[], bool]) -> None:
        self.machine.begin(command)
        deadline = time.monotonic() + 180
        while not reached():
            if time.monotonic() > deadline:
                raise GuestFailure(f"`{command}` does not come to the point of the cut: {self.machine.finish(10)}")
            time.sleep(0.005)
        self.loses_power(self.device.power_off)

    def loses_power(self, by: Callable[[], None]) -> None:
        self._off = time.monotonic()
        by()


def checkpoint(fields: bytes) -> bytes:
    """A file of fmdnd's clock."""
    return fields + hashlib.sha256(fields).digest()[:4]


def prepare(life: Life) -> None:
    octets = checkpoint(struct.pack(">IQ", FIRST_CLOCK, int(time.time())))
    life.machine.run(f"printf '{''.join(f'{chr(92)}x{octet:02x}' for octet in octets)}' > {STATE}/clock; chmod 700 {OWNER}")


def pairing(life: Life) -> str:
    """The owner's command, and the device in its pairing mode."""
    life.fmdnd.call("StartPairing", "u 600")
    return life.owner.command("pair bag --antispoofing-key /etc/model.pem")


def provisioning(life: Life, key: str) -> str:
    return life.owner.command(f"provision bag --eik /etc/{key}.eik --yes")


def pair(life: Life) -> None:
    """Undisturbed, to come to the next step."""
    counter = life.device.rpmbd.json("chip counter")["write_counter"]
    life.machine.run(pairing(life), 180)
    writes = life.device.rpmbd.json("chip counter")["write_counter"] - counter
    life.it.check_equal(writes, 1, "paired: account key and choice of the owner are one write of the chip")


def gets_an_owner(life: Life) -> None:
    life.cut_at_chip("before", pairing(life))
    life.comes_up("power cut when an account key was to be stored, and the owner chosen")
    life.cut_at_chip("after", pairing(life))
    life.comes_up("power cut when that was done: a tag without an identity key starts anew")


def gets_a_key(life: Life) -> None:
    pair(life)
    life.cut_at_chip("before", provisioning(life, "first"))
    life.comes_up("power cut when an identity key was to be stored")
    pair(life)
    life.cut_at_chip("after", provisioning(life, "first"))
    life.key = "first"
    life.comes_up("power cut when it was stored, and its owner not told")


def gets_another_key(life: Life) -> None:
    life.cut_at_chip("before", provisioning(life, "second"))
    life.comes_up("power cut when another key was to be stored")
    life.cut_at_disk(1, provisioning(life, "second"))
    life.key = "second"
    life.comes_up("power cut when it was, and the clock to be written down")


def writes_its_clock(life: Life) -> None:
    before = life.device.disks[STATE].kept
    life.fmdnd.stop()
    steps = life.device.disks[STATE].kept - before
    life.fmdnd.start()
    number = life.it.random.randint(1, steps)
    life.cut_at_disk(number, life.fmdnd.stop_command())
    life.comes_up(f"power cut in step {number} of {steps} of writing the clock down")


def is_asked(life: Life) -> None:
    """By its owner, who was told of none of the cuts."""
    found = life.owner.json("params bag")
    state = life.owner.json("state bag")
    life.it.check(state["owner"] and state["provisioned"], f"its owner asks over the air: its clock shows {found['clock']}")


def starts_again(life: Life) -> None:
    it, device, stack = life.it, life.device, life.device.bluetooth
    begin = time.monotonic()
    life.loses_power(life.stop)
    device.reboot()
    life.start()
    life.is_whole("reboot", begin)
    begin = time.monotonic()
    life.loses_power(device.reset)
    life.start()
    life.is_whole("power cut while nothing happened", begin)

    def power_cycle() -> None:
        stack.power_cycle(0)
        stack.wait_until_powered()

    def restart_rpmbd() -> None:
        device.rpmbd.stop()
        device.rpmbd.start()

    before = life.beacon.wait_for_frame().payload
    for what, restart in (("bluetoothd stopped and started", stack.restart_bluetoothd),
                          ("bluetoothd killed and started", lambda: stack.restart_bluetoothd("KILL")),
                          ("adapter off and on", power_cycle), ("rpmbd stopped and started", restart_rpmbd)):
        begin = stack.mark(what)
        restart()
        payload = life.beacon.wait_for_frame().payload
        silence = on_air.longest_silence(life.beacon.spans(), begin, stack.mark("until here"))
        it.check_equal(payload, before, f"{what}: the same frame is on the air; the longest silence was {silence:.2f} s")

    life.fmdnd.stop()
    device.rpmbd.stop()
    life.fmdnd.start_without_store()
    begin = time.monotonic()
    device.rpmbd.start()
    life.is_whole("rpmbd started after fmdnd", begin)


def loses_its_owner(life: Life) -> None:
    unprovisioning = life.owner.command("unprovision bag --yes")
    life.cut_at_chip("before", unprovisioning)
    life.comes_up("power cut when the owner's request to forget her was to be carried out")
    life.cut_at_chip("before", RESET)
    life.comes_up("power cut when a factory reset was to be")
    copy = life.device.copy()
    life.cut_at_chip("after", unprovisioning)
    life.key = ""
    life.comes_up("power cut when the request was carried out, and the owner not told")

    life.device.power_off()
    life.device.restore(copy)
    life.device.power_on()
    life.start()
    life.it.check_equal(life.fmdnd.get("State"), "provisioned", "the same device as it was before that")
    life.cut_at_chip("after", RESET)
    life.comes_up("power cut when the factory reset was carried out")


def run(it: Bed) -> None:
    model = Model()
    files = model.files() | {f"etc/{name}.eik": key.encode() for name, key in KEYS.items()}
    empty = disk.formatted(it.work / "empty.img")
    with Disk(empty, it.random) as state, Disk(empty, it.random) as owner:
        with Device(it, "device", fmdnd.programs(it), files, disks={STATE: state, OWNER: owner}) as device:
            device.power_on()
            it.say("the guest is up")
            life = Life(it, device)
            prepare(life)
            life.start()
            it.say("all daemons are")
            gets_an_owner(life)
            gets_a_key(life)
            gets_another_key(life)
            writes_its_clock(life)
            is_asked(life)
            starts_again(life)
            loses_its_owner(life)


if __name__ == "__main__":
    bed.main("l", run, ("qemu", "kernel", "bluez-bookworm"))
