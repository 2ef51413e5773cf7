"""A beacon over all lives of its device, with its owner in range: she pairs it, gives it identity keys and forgets it; its power goes
meanwhile. After each loss it has to be wholly as before or wholly as after, and is judged: by what is on the air, and by its clock."""

import contextlib
import hashlib
import itertools
import struct
import time
from collections.abc import Callable, Iterator

from lib import bluetooth, disk, fmdnd, steps
from lib.beacon import Beacon
from lib.bed import Bed
from lib.bluetooth import Config
from lib.device import Device
from lib.disk import Disk
from lib.fmdnd import Fmdnd, Model, Owner
from lib.machine import GuestFailure
from lib.steps import Steps

STATE = "/var/lib/signet/fmdnd"
FACTORY_RESET = "busctl call org.signet.Fmdn1 /org/signet/Fmdn1 org.signet.Fmdn1 FactoryReset"

_OWNER = "/owner"  # the folder with her keyring
_KEYS = {"first": "11" * 32, "second": "22" * 32}
_PERIOD = 1024
_FIRST_CLOCK = 1000 * _PERIOD - 60  # so that the identifier changes in the course of a bed


class Life:
    def __init__(self, it: Bed, device: Device):
        self.it = it
        self.device = device
        self.machine = device.machine
        self.beacon = Beacon(device.bluetooth)
        self.fmdnd = Fmdnd(device.machine, f"{steps.ENVIRONMENT} fmdnd")
        self.owner = Owner(device.machine, f"{_OWNER}/keyring")
        self.key = ""  # the name of its identity key
        self._steps = Steps(device.machine)
        device.rpmbd.environment = steps.ENVIRONMENT
        self._clock = (_FIRST_CLOCK, time.monotonic())  # what the beacon's clock showed last, and when by the host's
        self._counts = False  # whether it has had an owner ever since
        self._off = 0.0  # since when it has had no power

    # What an init system does.

    def begin(self) -> None:
        """For the first time."""
        self.device.power_on()
        self.it.say("the guest is up")
        octets = _checkpoint(struct.pack(">IQ", _FIRST_CLOCK, int(time.time())))
        self.machine.run(f"printf '{''.join(f'{chr(92)}x{octet:02x}' for octet in octets)}' > {STATE}/clock; chmod 700 {_OWNER}")
        self.start()
        self.it.say("all daemons are")

    def start(self) -> None:
        """After every boot."""
        self.machine.run("start-bus")
        self._steps.prepare()
        self.device.start_rpmbd()
        self.device.bluetooth.start(bluetooth.EXTENDED, Config(private=False))
        self.fmdnd.start()

    def stop(self) -> None:
        self.fmdnd.stop()
        self.device.bluetooth.stop_bluetoothd()
        self.device.rpmbd.stop()

    # What its owner does, in words for the guest's shell.

    def pairing(self) -> str:
        """The device is in its pairing mode then."""
        self.fmdnd.call("StartPairing", "u 600")
        return self.owner.command("pair bag --antispoofing-key /etc/model.pem")

    def provisioning(self, key: str) -> str:
        return self.owner.command(f"provision bag --eik /etc/{key}.eik --yes")

    def unprovisioning(self) -> str:
        return self.owner.command("unprovision bag --yes")

    # The same undisturbed, to come to where a step begins.

    def is_paired(self) -> None:
        if self.fmdnd.get("State") == "paired":
            return
        if self.key:
            self.machine.run(FACTORY_RESET)
            self._belongs_to("")
        self.machine.run(f"{self.owner.command('forget bag --yes')} || true")  # she may have heard enough to have it in her keyring
        self.machine.run(self.pairing(), 180)

    def is_owned(self) -> None:
        if self.key:
            return
        self.is_paired()
        self.machine.run(self.provisioning("first"), 180)
        self._belongs_to("first")

    def _belongs_to(self, key: str) -> None:
        self.key = key
        self._counts = self._counts and key != ""

    # Ways to lose power.

    def reset_in_each_step(self, what: str, command: Callable[[], str], key: str, least: int) -> None:
        """By system_reset in each step of `command`, which brings the beacon to where it can be given, again and again; then it ends.
        `key`: what the beacon has then. `least`: so many steps there are."""
        for number in itertools.count(1):
            passage = self._steps.stop_at(number, command(), [self.fmdnd.pid, self.device.rpmbd.pid])
            changed = passage.wrote_chip()
            if changed:
                self._belongs_to(key)
            if passage.ended:
                break
            begin = self.loses_power(self.device.reset)
            self.start()
            self.is_whole(f"{what}, reset at step {number} \"{passage.steps[-1]}\", as {'after' if changed else 'before'}", begin)
        count = len(passage.steps)
        self.it.check(changed and count >= least, f"{what}, not reset any more: {count} steps, {', '.join(passage.steps)}")

    def cut_at_chip(self, where: str, command: str) -> None:
        """Power off when `command` has made the chip reach that point of its next write."""
        self.device.chip.cut_at(1, where)
        self._cut_in(command, lambda: self.device.chip.cut() is not None)

    def cut_at_disk(self, number: int, command: str) -> None:
        """When fmdnd's disk is to keep something for the so many-th time from now."""
        self.device.disks[STATE].cut_at(number)
        self._cut_in(command, self.device.disks[STATE].cut)

    def _cut_in(self, command: str, reached: Callable[[], bool]) -> None:
        self.machine.begin(command)
        deadline = time.monotonic() + 180
        while not reached():
            if time.monotonic() > deadline:
                raise GuestFailure(f"`{command}` does not come to the point of the cut: {self.machine.finish(10)}")
            time.sleep(0.005)
        self.loses_power(self.device.power_off)

    def loses_power(self, by: Callable[[], None]) -> float:
        """Returns when that was."""
        self._off = time.monotonic()
        by()
        return self._off

    # What it has to be like afterwards.

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
            seconds = time.monotonic() - begin
            return self.it.check_equal(self.beacon.frames(), [], f"{what}: after {seconds:.1f} s it is ready for an owner, and off the air")
        payload = self.beacon.wait_for_frame().payload
        seconds = time.monotonic() - begin
        clock = self._read_clock()
        frame = self.owner.json(f"frame --eik /etc/{self.key}.eik --clock {clock}")["frame"]
        self.it.check_equal(payload.hex(), frame, f"{what}: after {seconds:.1f} s it is on the air, under its {self.key} key")
        self._goes_on(clock)

    def _read_clock(self) -> int:
        """As fmdnd wrote it down when it started, in one of its two files."""
        commands = [f"hexdump -v -e '1/1 \"%02x\"' {STATE}/{name} 2> /dev/null || true" for name in ("clock", "clock.2")]
        files = [bytes.fromhex(self.machine.run(command)) for command in commands]
        return max(struct.unpack(">I", octets[:4])[0] for octets in files if octets == _checkpoint(octets[:12]))

    def _goes_on(self, clock: int) -> None:
        (before, seen), self._clock = self._clock, (clock, time.monotonic())
        # Seen last when the power went: what has passed until then must not pass again. Two seconds for rounding.
        passed = int(self._off - seen) - 2 if self._counts else 0
        self._counts = True
        self.it.check(clock >= before + max(passed, 0),
                      f"its clock went on by {clock - before} s in {time.monotonic() - seen:.1f} s, to {clock}")


@contextlib.contextmanager
def device(it: Bed) -> Iterator[Life]:
    """It runs, and nobody has owned it yet."""
    model = Model()
    files = model.files() | {f"etc/{name}.eik": key.encode() for name, key in _KEYS.items()}
    programs = [*fmdnd.programs(it), *steps.programs(it)]
    empty = disk.formatted(it.work / "empty.img")
    with Disk(empty, it.random) as state, Disk(empty, it.random) as owner:
        with Device(it, "device", programs, files, disks={STATE: state, _OWNER: owner}) as device_:
            life = Life(it, device_)
            life.begin()
            yield life


def _checkpoint(fields: bytes) -> bytes:
    """A file of fmdnd's clock."""
    return fields + hashlib.sha256(fields).digest()[:4]
