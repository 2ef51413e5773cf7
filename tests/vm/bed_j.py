#!/usr/bin/env python3
"""Bed J: rotation. fmdnd with a beacon clock that runs faster than the real one (guest/fast_fmdnd.cpp), on controllers with
extended advertising and without, with private addresses. What is on the air is judged octet by octet from the commands in
btmon's capture, against a computation of its own (lib/eid.py).

Three guests run at once: most of their time they wait.
"""

import concurrent.futures
import json
import subprocess
import time

from lib import bed, bluetooth, eid, fmdnd, on_air
from lib.bed import Bed
from lib.device import Device
from lib.eid import Curve
from lib.fmdnd import Fmdnd, Model, Owner
from lib.on_air import Span
from lib.ownership import Ownership

BEACON = b"\xaa\xfe"
FAST_PAIR = b"\x2c\xfe"
GUESTS = 3  # at once
MAX_AGE = 30  # of a private address, in seconds; the least that the kernel takes
NEVER_SILENT = 2  # seconds: at least one frame in that time
HELD = 100  # seconds for which protection has to hold an address
SLOW = 1000  # seconds of the beacon's clock: how late a loaded machine may be


class Beacon:
    """A guest with fmdnd, which has an owner. `phase`: where in its period the clock is when fmdnd starts."""

    def __init__(self, it: Bed, name: str, curve: Curve, speed: int, phase: int = 100, release: str = "bookworm"):
        self.it = it
        self.name = name
        self.curve = curve
        self.speed = speed
        self.clock = 5000 * eid.PERIOD + phase
        self.ownership = Ownership(self.clock)
        programs = [it.built("tests/vm/fast_fmdnd")]
        self.device = Device(it, name, programs, self.ownership.files(Model(), curve), release)
        self.machine = self.device.machine
        self.stack = self.device.bluetooth
        self.fmdnd = Fmdnd(self.machine, f"SIGNET_CLOCK_SPEED={speed} fast_fmdnd")
        self.owner = Owner(self.machine)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.device.__exit__()

    def power_on(self, controllers: str) -> None:
        self.device.power_on()
        self.stack.start(controllers)
        self.say("is up")

    def start(self) -> float:
        """fmdnd, as if for the first time with this owner; returns when, on the guest's clock."""
        self.ownership.begin(self.machine)
        begin = self.stack.mark("start")
        self.fmdnd.start()
        self.wait_for(lambda: self.spans(BEACON, begin) or self.fmdnd.get("Problem"), "something is on the air")
        return begin

    def use_curve(self, curve: Curve) -> None:
        self.machine.run(f"sed -i s/{self.curve.name}/{curve.name}/ /etc/signet/fmdnd.toml")
        self.curve = curve

    def say(self, text: str) -> None:
        self.it.say(f"{self.name}: {text}")

    def check(self, condition: object, text: str) -> None:
        self.it.check(condition, f"{self.name}: {text}")

    def check_equal(self, actual: object, expected: object, text: str) -> None:
        self.it.check_equal(actual, expected, f"{self.name}: {text}")

    def spans(self, service: bytes, begin: float, end: float = float("inf")) -> list[Span]:
        """What the capture has of it so far."""
        every = on_air.during(on_air.on_air(self.stack.records(), 0), begin, end)
        return [span for span in every if span.advert.payload[5:7] == service]

    def pairs(self, service: bytes, begin: float, end: float = float("inf")) -> list[tuple[str, bytes]]:
        """Addresses and payloads in their order, each once until it changes."""
        every = [span.pair for span in self.spans(service, begin, end)]
        return [pair for at, pair in enumerate(every) if at == 0 or every[at - 1] != pair]

    def wait_for(self, condition, what: str, seconds: float = 150) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise bed.CheckFailed(f"{self.name}: {what}: not within {seconds} s: {self.fmdnd.log()}")
            time.sleep(0.5)

    def expected(self, period: int, unwanted_tracking: bool = False) -> bytes:
        """The frame of that period, counted from the start."""
        return eid.frame(self.curve, self.ownership.key, self.clock + period * eid.PERIOD, unwanted_tracking=unwanted_tracking)


def is_resolvable(address: str) -> bool:
    return int(address[:2], 16) >> 6 == 1


def octets(beacon: Beacon, pairs: list[tuple[str, bytes]]) -> None:
    beacon.check_equal([payload for _, payload in pairs], [beacon.expected(period) for period in range(len(pairs))],
                       f"{len(pairs)} frames on {beacon.curve.name}, each of {len(pairs[0][1])} octets with the flags first, are "
                       "those of the clock's periods in their order")


def as_signetctl_says(beacon: Beacon) -> None:
    """The same frame from the tool that an owner has."""
    key = beacon.it.work / f"{beacon.name}.eik"
    key.write_text(beacon.ownership.key.hex())
    program = beacon.it.built("clients/signetctl/signetctl")
    arguments = ["--json", "fmdn", "frame", "--eik", key, "--clock", str(beacon.clock), "--curve", beacon.curve.name]
    said = subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout
    beacon.check_equal(bytes.fromhex(json.loads(said)["frame"]), beacon.expected(0), "signetctl computes the same frame")


def together(beacon: Beacon, pairs: list[tuple[str, bytes]]) -> None:
    """Of two that follow each other, address and payload differ, and nothing comes twice."""
    addresses, payloads = ({pair[which] for pair in pairs} for which in (0, 1))
    beacon.check(all(map(is_resolvable, addresses)), "its addresses are resolvable private ones")
    beacon.check_equal((len(addresses), len(payloads)), (len(pairs), len(pairs)),
                       f"{len(pairs) - 1} rotations: identifier and address changed together, and no mixed pair was on the air")


def moments(beacon: Beacon, begin: float, end: float) -> None:
    """A new frame comes 1 to 204 s of the beacon's clock after its period has begun, and not long after. The clock began to run
    between `begin` and the first frame."""
    seen: dict[bytes, float] = {}
    for span in beacon.spans(BEACON, begin, end):
        seen.setdefault(span.advert.payload, span.begin)
    first, *rotations = seen.values()
    phase = beacon.clock % eid.PERIOD
    most = [phase + beacon.speed * (at - begin) - period * eid.PERIOD for period, at in enumerate(rotations, 1)]
    least = [phase + beacon.speed * (at - first) - period * eid.PERIOD for period, at in enumerate(rotations, 1)]
    beacon.check(min(most) > 0, "none came before its period")
    beacon.check(max(least) < eid.MAX_JITTER + SLOW, f"nor long after it had begun: at most {max(least):.0f} s of the beacon's clock")


def one_instant(beacon: Beacon, begin: float, end: float) -> None:
    """Of the beacon and of Fast Pair, the n-th payloads are only ever on the air beside each other."""
    generations = []
    for service in (BEACON, FAST_PAIR):
        order = list(dict.fromkeys(beacon.pairs(service, begin, end)))
        generations.append([(order.index(span.pair), span) for span in beacon.spans(service, begin, end)])
    beacon.check_equal(generations[1][-1][0], generations[0][-1][0], "Fast Pair's payload and address rotated as often")
    mixed = [
        (one.begin, ours, theirs)
        for ours, one in generations[0]
        for theirs, other in generations[1]
        if ours != theirs and one.begin < other.end and other.begin < one.end
    ]
    beacon.check_equal(mixed, [], "and in the same instant")


def never_silent(beacon: Beacon, begin: float, end: float) -> None:
    for service, what in ((BEACON, "the beacon"), (FAST_PAIR, "Fast Pair")):
        spans = beacon.spans(service, begin, end)
        silence = on_air.longest_silence(spans, max(begin, spans[0].begin), end)
        beacon.check(silence < NEVER_SILENT, f"{what}: at least one frame every 2 s; the longest silence was {silence:.2f} s")


def on_the_air(beacon: Beacon) -> list[bytes]:
    now = beacon.stack.mark("now")
    return [advert.payload for advert in on_air.at(on_air.on_air(beacon.stack.records(), 0), now)]


def rotates(it: Bed) -> None:
    """Twenty times, on a controller with extended advertising; and after a crash with long frames."""
    with Beacon(it, "rotation", eid.SECP160R1, speed=280) as beacon:
        beacon.power_on(bluetooth.EXTENDED)
        begin = beacon.start()
        beacon.check_equal(beacon.fmdnd.get("Limitations"), [], "nothing that this controller cannot do")
        as_signetctl_says(beacon)
        beacon.wait_for(lambda: len(beacon.pairs(BEACON, begin)) > 20, "20 rotations")
        end = beacon.stack.mark("20 rotations")
        pairs = beacon.pairs(BEACON, begin, end)
        octets(beacon, pairs)
        together(beacon, pairs)
        together(beacon, beacon.pairs(FAST_PAIR, begin, end))
        one_instant(beacon, begin, end)
        moments(beacon, begin, end)
        never_silent(beacon, begin, end)

        beacon.fmdnd.stop("KILL")
        beacon.check(on_the_air(beacon), "fmdnd killed: what it had on the air stays there")
        beacon.use_curve(eid.SECP256R1)
        long_frames(beacon)
        beacon.fmdnd.stop()
        beacon.check_equal(on_the_air(beacon), [], "fmdnd ended: nothing is on the air")


def long_frames(beacon: Beacon) -> None:
    begin = beacon.start()
    beacon.wait_for(lambda: len({payload for _, payload in long_ones(beacon, begin)}) > 2, "2 rotations of long frames")
    as_signetctl_says(beacon)
    pairs = long_ones(beacon, begin)
    octets(beacon, pairs)
    together(beacon, pairs)
    spans = [span for span in beacon.spans(BEACON, begin) if len(span.advert.payload) > 31]
    beacon.check(all(span.advert.extended for span in spans), "in extended PDUs")
    since = spans[0].begin
    remains = [span for span in beacon.spans(BEACON, since) if len(span.advert.payload) <= 31 and span.end > since]
    beacon.check_equal(remains, [], "nothing of a life before is on the air beside them")


def long_ones(beacon: Beacon, begin: float) -> list[tuple[str, bytes]]:
    return [pair for pair in beacon.pairs(BEACON, begin) if len(pair[1]) > 31]


def rotates_with_newer_bluez(it: Bed) -> None:
    with Beacon(it, "newer", eid.SECP256R1, speed=320, release="trixie") as beacon:
        beacon.power_on(bluetooth.EXTENDED)
        beacon.say("this is bluetoothd " + beacon.machine.run("bluetoothd --version").strip())
        long_frames(beacon)


def ask(beacon: Beacon, arguments: str) -> None:
    """Over the air; again, if the address has rotated before the connection was there."""
    for _ in range(3):
        finished = beacon.owner.attempt(arguments)
        if finished.status == 0:
            return
        beacon.say(f"once more: {finished.output.strip()}")
    raise bed.CheckFailed(f"{beacon.name}: signetctl fmdn {arguments}: {finished.output}{beacon.fmdnd.log()}")


def protect(beacon: Beacon, mode: str) -> None:
    ask(beacon, f"utp {mode} bag")
    beacon.check_equal(beacon.fmdnd.get("UnwantedTrackingProtection"), mode == "on", f"its network turns protection {mode}")


def protects(it: Bed) -> None:
    """In unwanted-tracking mode, with addresses that the kernel lets grow old for 30 s only."""
    with Beacon(it, "protection", eid.SECP160R1, speed=40, phase=10) as beacon:
        beacon.power_on(bluetooth.EXTENDED)
        beacon.stack.set_rpa_timeout(0, MAX_AGE)
        begin = beacon.start()
        protect(beacon, "on")
        beacon.wait_for(lambda: protected(beacon, begin), "the mode shows")
        since = protected(beacon, begin)[0].begin
        time.sleep(max(0.0, HELD + 3 - (beacon.stack.mark("protected") - since)))
        end = beacon.stack.mark("held")
        spans = [span for span in protected(beacon, begin) if span.begin < end]
        payloads = list(dict.fromkeys(span.advert.payload for span in spans))
        beacon.check_equal({span.advert.address for span in spans}, {spans[0].advert.address},
                           f"for {end - since:.0f} s the beacon keeps its address")
        beacon.check(end - since >= HELD, f"which is more than {HELD} s")
        beacon.check(len(payloads) > 3, f"while its identifier rotates {len(payloads) - 1} times")
        all_expected = [beacon.expected(period, True) for period in range(len(payloads) + 3)]
        first = all_expected.index(payloads[0])
        beacon.check_equal(payloads, all_expected[first : first + len(payloads)], "octet by octet as the clock says")
        fast_pair = {span.advert.address for span in beacon.spans(FAST_PAIR, since, end)}
        beacon.check(len(fast_pair) >= len(payloads), f"and Fast Pair has had {len(fast_pair)} addresses meanwhile")
        before = {pair[0] for pair in beacon.pairs(BEACON, begin, since)}
        beacon.check(spans[0].advert.address not in before, "entering the mode took a new address")
        protect(beacon, "off")
        left = beacon.stack.mark("left")
        beacon.check(all(one[0] != spans[0].advert.address for one in beacon.pairs(BEACON, left)), "and leaving it, too")


def protected(beacon: Beacon, begin: float) -> list[Span]:
    return [span for span in beacon.spans(BEACON, begin) if span.advert.payload[7] == 0x41]


def manages_without_extended_advertising(it: Bed) -> None:
    # 26 times as fast, the shortest time between two rotations, 1024 - 203 s, is as long as an address has to live.
    with Beacon(it, "legacy", eid.SECP160R1, speed=26, phase=218) as beacon:
        beacon.power_on(bluetooth.LEGACY)
        beacon.stack.set_rpa_timeout(0, MAX_AGE)
        begin = beacon.start()
        names = set(beacon.fmdnd.get("Limitations"))
        wanted = {"legacy_no_instant_rotation", "legacy_shared_address", "legacy_hold_ends", "legacy_short_frames"}
        beacon.check(wanted <= names, f"what this controller cannot do is named: {', '.join(sorted(names))}")
        time.sleep(6)
        never_silent(beacon, begin + 3, beacon.stack.mark("interleaved"))
        ask(beacon, "params bag")  # a tag whose clock is known has nothing more to say by Fast Pair
        since = beacon.stack.mark("alone")
        rotations_alone(beacon, begin, since)
        protect(beacon, "on")
        beacon.check(protected(beacon, since), "which shows, although an address may be too young to change with it")
        beacon.fmdnd.stop()
        beacon.check_equal(on_the_air(beacon), [], "fmdnd ended: nothing is on the air")

        beacon.use_curve(eid.SECP256R1)
        beacon.ownership.begin(beacon.machine)
        beacon.fmdnd.start()
        beacon.fmdnd.wait_for("Problem", lambda problem: problem == "unsupported")
        beacon.check_equal([payload[5:7] for payload in on_the_air(beacon)], [FAST_PAIR],
                           "a frame of 41 octets is no more than a named problem: Fast Pair is on the air")


def rotations_alone(beacon: Beacon, begin: float, since: float) -> None:
    """Three, of which each finds an address that is old enough to change."""

    def changes() -> list[tuple[float, tuple[str, bytes]]]:
        firsts: dict[tuple[str, bytes], float] = {}
        for span in beacon.spans(BEACON, begin):
            firsts.setdefault(span.pair, span.begin)
        every = [(at, pair) for pair, at in firsts.items()]
        current = max(index for index, (at, _) in enumerate(every) if at <= since)
        young = len(every) > current + 1 and every[current + 1][0] - every[current][0] < MAX_AGE
        return every[current + young :]

    beacon.wait_for(lambda: len(changes()) > 3, "3 rotations", 240)
    pairs = [pair for _, pair in changes()]
    together(beacon, pairs)
    first = next(period for period in range(5) if beacon.expected(period) == pairs[0][1])
    beacon.check_equal([payload for _, payload in pairs], [beacon.expected(first + at) for at in range(len(pairs))],
                       "octet by octet as the clock says")


def run(it: Bed) -> None:
    # The longest first; the last begins when one of the others has ended.
    parts = [manages_without_extended_advertising, protects, rotates, rotates_with_newer_bluez]
    with concurrent.futures.ThreadPoolExecutor(GUESTS) as threads:
        failures = [failure for failure in threads.map(lambda part: attempt(it, part), parts) if failure]
    if failures:
        raise failures[0]


def attempt(it: Bed, part) -> Exception | None:
    """A failure is told at once: the other parts go on."""
    try:
        part(it)
    except Exception as failure:
        it.say(f"{part.__name__}: {failure}")
        return failure
    return None


if __name__ == "__main__":
    bed.main("j", run, ("qemu", "kernel", "bluez-bookworm", "bluez-trixie"))
