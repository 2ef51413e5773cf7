#!/usr/bin/env python3
"""Bed G: Bluetooth. The kernel's stack, bluetoothd and btvirt's controllers, of both kinds: with extended advertising and
without. What is on the air is judged from btmon's capture of the commands that the controllers were given.

Only here: what BlueZ 5.66 and the kernel really do with adverts in the cases that fmdnd has to be prepared for.
"""

import time

from lib import att, bed, bluetooth, on_air
from lib.bed import Bed
from lib.bluetooth import Bluetooth
from lib.central import Central
from lib.device import Device
from lib.on_air import Span

INTERVAL_MS = 200
CONNECTABLE = 0x01
SECONDARY_1M = 0x80  # extended PDUs
FLAGS = bytes.fromhex("020106")
MAX_AGE = 30  # of a private address, in seconds; the least that the kernel takes
KEY_POWER = 116
SND_TONE = 2


def frame(eid_size: int, tag: int) -> bytes:
    """Flags, and an advert of the Find My Device Network with an EID of so many octets."""
    service_data = b"\xaa\xfe\x40" + bytes([tag]) * eid_size + b"\x5a"
    return FLAGS + bytes([len(service_data) + 1, 0x16]) + service_data


def is_resolvable(address: str) -> bool:
    return int(address[:2], 16) >> 6 == 1


class Radio:
    """The adverts of hci0, made through the management socket."""

    def __init__(self, stack: Bluetooth):
        self.stack = stack

    def add(self, instance: int, payload: bytes, flags: int = CONNECTABLE) -> str | None:
        """Why the kernel refuses, or None."""
        finished = self.stack.attempt(f"add 0 {instance} {flags} {INTERVAL_MS} {payload.hex()}")
        return finished.output.strip() if finished.status != 0 else None

    def remove(self, instance: int) -> None:
        self.stack.control(f"remove 0 {instance}")

    def listed(self) -> list[int]:
        """The instances that the kernel lists; see README.md for those that it hides."""
        return [int(word) for word in self.stack.control("features 0").split()[3:]]

    def spans(self, since: float) -> list[Span]:
        """What has been on the air from then to now."""
        now = self.stack.mark("now")
        return on_air.during(on_air.on_air(self.stack.records(), 0), since, now)

    def now(self) -> list[on_air.Advert]:
        now = self.stack.mark("now")
        return on_air.at(on_air.on_air(self.stack.records(), 0), now)

    def payloads(self) -> set[bytes]:
        return {advert.payload for advert in self.now()}


def exact_octets(it: Bed, radio: Radio) -> None:
    it.check_equal(radio.add(3, frame(20, 0x11)), None, "the kernel takes an advert of 29 octets")
    (advert,) = radio.now()
    it.check_equal(advert.payload, frame(20, 0x11), "which goes out octet by octet, flags first")
    it.check(is_resolvable(advert.address), f"from a resolvable private address, {advert.address}")
    it.check_equal((advert.interval, advert.extended), (INTERVAL_MS / 1000, False), "at the chosen interval, in old PDUs")


def long_frames(it: Bed, radio: Radio) -> None:
    it.check_equal(radio.add(2, frame(32, 0x22), CONNECTABLE | SECONDARY_1M), None, "an advert of 41 octets is taken")
    advert = next(one for one in radio.now() if one.set == 2)
    it.check_equal((advert.payload, advert.extended), (frame(32, 0x22), True), "and goes out in extended PDUs, beside the first")
    radio.remove(2)
    # Above 31 octets in old PDUs no real controller would send it; the kernel does not look.
    it.check_equal(radio.add(2, frame(32, 0x23)), None, "without a secondary channel it is taken as well")
    advert = next(one for one in radio.now() if one.set == 2)
    it.check_equal(advert.extended, False, "for PDUs in which it does not fit: the caller has to look")
    radio.remove(2)


def replacement(it: Bed, radio: Radio) -> None:
    begin = radio.stack.mark("replacement")
    first, second = frame(20, 0x31), frame(20, 0x32)
    radio.add(3, first)
    kept = radio.now()[0].address
    radio.add(3, second)
    it.check_equal([one.address for one in radio.now()], [kept], "an advert that is replaced keeps its address")
    radio.remove(3)
    radio.add(3, first)
    pairs = [span.pair for span in radio.spans(begin) if span.advert.payload in (first, second)]
    it.check_equal(pairs[:2], [(kept, first), (kept, second)], "one that is removed and added again")
    it.check(pairs[2][0] != kept and pairs[2][1] == first, f"gets a new one, {pairs[2][0]}")
    it.check_equal(len(pairs), 3, "and no other pair of address and payload was on the air")


def power_cycle_extended(it: Bed, radio: Radio) -> None:
    radio.stack.power_cycle(0)
    radio.stack.wait_until_powered()
    time.sleep(1)
    it.check_equal(radio.now(), [], "an adapter that was off and is on again has lost its adverts")
    it.check_equal(radio.add(3, frame(20, 0x41)), None, "they can be added again")
    it.check_equal(radio.payloads(), {frame(20, 0x41)}, "and are on the air")


def daemon_restarts_extended(it: Bed, radio: Radio) -> None:
    radio.stack.restart_bluetoothd()
    it.check_equal(radio.now(), [], "bluetoothd stopped and started: the adverts are gone")

    radio.add(1, frame(20, 0x51))
    radio.add(3, frame(20, 0x52))
    it.check_equal(radio.listed(), [1], "of the instances 1 and 3, the kernel lists only 1")
    radio.stack.stop_bluetoothd("KILL")
    it.check_equal(radio.payloads(), {frame(20, 0x51), frame(20, 0x52)}, "bluetoothd killed: both are still on the air")
    radio.stack.start_bluetoothd()
    it.check_equal(radio.now(), [], "until a new one starts, finds one listed, and removes all")

    radio.add(3, frame(20, 0x53))
    it.check_equal(radio.listed(), [], "instance 3 alone is not listed at all")
    radio.stack.restart_bluetoothd("KILL")
    it.check_equal(radio.payloads(), {frame(20, 0x53)}, "and stays on the air when bluetoothd is killed and started")


def unplugging(it: Bed, radio: Radio) -> None:
    stack = radio.stack
    stack.stop_controllers()
    it.check_equal(radio.now(), [], "controllers unplugged: nothing is on the air")
    it.check(bluetooth.path(0) not in stack.objects(), "and bluetoothd has no adapters")
    stack.start_controllers(bluetooth.EXTENDED)
    stack.wait_until_powered()
    it.check_equal(radio.add(3, frame(20, 0x61)), None, "plugged in again, they are powered and take adverts")


def conversation(it: Bed, device: Device, radio: Radio) -> None:
    """Another controller connects; what the two say is read from the capture, on both sides."""
    central = Central(device.machine, device.bluetooth)
    (advert,) = radio.now()
    found = central.find(advert.address)
    central.connect(found)
    it.check_equal(radio.now(), [], "while a central is connected, the advert is off the air")
    central.disconnect(found)
    deadline = time.monotonic() + 10
    while not radio.now() and time.monotonic() < deadline:
        time.sleep(0.2)
    it.check_equal(radio.now(), [advert], "and afterwards on again, unchanged")

    records = device.bluetooth.records()
    ours, theirs = att.pdus(records, 0), att.pdus(records, 1)
    it.check_equal([(one.sent, one.opcode, one.body) for one in ours], [(not one.sent, one.opcode, one.body) for one in theirs],
                   f"{len(ours)} PDUs have been sent, and the other side received the same")
    name = att.characteristics(theirs)["2a00"]
    asked = next(i for i, one in enumerate(theirs) if one.opcode == att.READ_REQUEST and one.body == name.to_bytes(2, "little"))
    it.check_equal(theirs[asked + 1].body, b"signet", f"the device's name, attribute {name}, was read and answered")


def limit_age(it: Bed, radio: Radio) -> str:
    """The first half of addresses_age(); 30 s lie between the two. Returns the address."""
    radio.stack.set_rpa_timeout(0, MAX_AGE)
    radio.remove(3)
    radio.add(3, frame(20, 0x71))
    first = radio.now()[0].address
    radio.add(3, frame(20, 0x72))
    it.check_equal(radio.now()[0].address, first, f"with the age of addresses limited to {MAX_AGE} s, a new one is kept")
    return first


def addresses_age(it: Bed, radio: Radio, first: str) -> None:
    """The kernel looks at an address's age only when something else changes on the air."""
    it.check_equal(radio.now()[0].address, first, "after that time, too")
    for number in range(0x73, 0x7d):  # the kernel's timer may be late on a busy machine
        radio.add(3, frame(20, number))
        if radio.now()[0].address != first:
            break
        time.sleep(1)
    it.check(radio.now()[0].address != first, "until the advert changes: then it does as well")
    pairs = {span.pair for span in radio.spans(0) if span.advert.payload in (frame(20, 0x72), frame(20, 0x73))}
    it.check_equal(len(pairs), 2, "in the same instant")


def legacy_octets(it: Bed, radio: Radio) -> None:
    exact_octets(it, radio)
    it.check_equal([one.set for one in radio.now()], [on_air.LEGACY], "in the only place that the controller has")
    for size, flags, what in ((23, CONNECTABLE, "of 32 octets"), (32, CONNECTABLE, "of 41 octets"),
                              (20, CONNECTABLE | SECONDARY_1M, "on a secondary channel")):
        refused = radio.add(2, frame(size, 0x22), flags)
        it.check(refused is not None and "status 0x0d" in refused, f"an advert {what} is refused: {refused}")
    it.check_equal(radio.payloads(), {frame(20, 0x11)}, "which leaves the advert that is on the air alone")


def legacy_sharing(it: Bed, radio: Radio) -> None:
    other = frame(22, 0x81)
    begin = radio.stack.mark("two adverts")
    it.check_equal(radio.add(2, other), None, "a second advert, of 31 octets, is taken")
    time.sleep(9)
    spans = radio.spans(begin)
    end = radio.stack.mark("two adverts until here")
    for payload in (frame(20, 0x11), other):
        silence = on_air.longest_silence([one for one in spans if one.advert.payload == payload], begin + 3, end)
        it.check(1.5 < silence < 3.5, f"they take turns of 2 s: one of them was silent for {silence:.2f} s")
    radio.remove(2)


def legacy_address(it: Bed, radio: Radio) -> None:
    radio.remove(3)
    radio.add(3, frame(20, 0x82))
    first = radio.now()[0].address
    radio.remove(3)
    radio.add(3, frame(20, 0x83))
    it.check_equal(radio.now()[0].address, first, "one that is removed and added again keeps its address here")
    radio.stack.power_cycle(0)
    radio.stack.wait_until_powered()
    time.sleep(1)
    it.check_equal(radio.payloads(), {frame(20, 0x83)}, "an adapter that was off and is on again advertises by itself")
    it.check(radio.now()[0].address != first, "from a new address")
    radio.stack.restart_bluetoothd()
    it.check_equal(radio.payloads(), {frame(20, 0x83)}, "and so it does when bluetoothd has been restarted")


def long_frames_by_bluetoothd(it: Bed, device: Device, radio: Radio) -> None:
    """Over D-Bus. bluetoothd 5.66 refuses them, which its own client does not let show."""
    own = frame(32, 0x91)[len(FLAGS) :]
    octets = " ".join(f"0x{octet:02x}" for octet in own[4:])
    commands = rf"select {bluetooth.identity(0)}\nmenu advertise\nservice feaa {octets}\ndiscoverable on\nback\nadvertise on\n"
    device.machine.run(f"(printf '{commands}'; sleep 60) | bluetoothctl > /run/bluetoothctl.log 2>&1 &")
    deadline = time.monotonic() + 50
    while not (adverts := radio.now()) and time.monotonic() < deadline:
        time.sleep(0.2)
    (advert,) = adverts
    it.check_equal(advert.payload, own + FLAGS, "this bluetoothd advertises 41 octets itself, flags last")
    it.check(advert.extended, "in extended PDUs")


def button_and_speaker(it: Bed, device: Device) -> None:
    node = device.input.plug_in()
    device.machine.run(f"head -c 48 {node} > /run/events & sleep 0.3")
    device.input.key(KEY_POWER, True)
    # struct input_event: two times of 8 octets, then type, code and value.
    key = device.machine.run("sleep 0.5; hexdump -v -s 16 -n 8 -e '8/1 \"%02x\"' /run/events").strip()
    it.check_equal(key, "0100740001000000", "a key of a device made in user space is seen by its reader")
    device.machine.run(rf"printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\022\0\002\0\270\001\0\0' > {node}")
    it.check_equal(device.input.wait_for_sounds(1), [(SND_TONE, 440)], "and a tone that is asked of it arrives")


def beside_rpmbd(it: Bed, device: Device) -> None:
    device.start_rpmbd()
    device.rpmbd.run("store put note", stdin="kept")
    device.cut_power()
    device.rpmbd.start()
    it.check_equal(device.rpmbd.run("store get note"), "kept", "rpmbd beside it has kept an object across a power cut")


def start(it: Bed, device: Device, kind: str, name: str) -> Radio:
    begin = time.monotonic()
    device.bluetooth.start(kind)
    it.say(f"controllers with {name} advertising: bus, capture and bluetoothd take {time.monotonic() - begin:.1f} s")
    return Radio(device.bluetooth)


def run(it: Bed) -> None:
    with Device(it, "device") as device:
        device.power_on()
        it.say("the guest is up")
        radio = start(it, device, bluetooth.EXTENDED, "extended")
        exact_octets(it, radio)
        long_frames(it, radio)
        replacement(it, radio)
        power_cycle_extended(it, radio)
        daemon_restarts_extended(it, radio)
        unplugging(it, radio)
        conversation(it, device, radio)
        first, old = limit_age(it, radio), time.monotonic() + MAX_AGE + 1
        button_and_speaker(it, device)
        time.sleep(max(0.0, old - time.monotonic()))
        addresses_age(it, radio, first)
        beside_rpmbd(it, device)

        radio = start(it, device, bluetooth.LEGACY, "legacy")
        legacy_octets(it, radio)
        legacy_sharing(it, radio)
        legacy_address(it, radio)
    with Device(it, "newer", bluez_release="trixie") as device:
        device.power_on()
        radio = start(it, device, bluetooth.EXTENDED, "extended")
        version = device.machine.run("bluetoothd --version").strip()
        it.say(f"that was bluetoothd {version}")
        long_frames_by_bluetoothd(it, device, radio)


if __name__ == "__main__":
    bed.main("g", run, ("qemu", "kernel", "bluez-bookworm", "bluez-trixie"))
