#!/usr/bin/env python3
"""Bed K: an ordinary device (headphones, say) that can be found. It bonds, and has the message stream of Fast Pair. fmdnd on
hci0; the phone on hci1: `signetctl fmdn` over the air, and plain sockets of the kernel for the stream.
"""

import time

from lib import bed, bluetooth, fmdnd, seeker
from lib.bed import Bed
from lib.bluetooth import Bluetooth, Config
from lib.device import Device
from lib.fmdnd import Fmdnd, Model, Owner
from lib.seeker import Seeker

INFORMATION, ACTION, CAPABILITIES, ACKNOWLEDGEMENT = 0x03, 0x04, 0x06, 0xFF
_ADAPTER = "org.bluez.Adapter1"
_DEVICE = "org.bluez.Device1"


class Story:
    def __init__(self, it: Bed, device: Device):
        self.it = it
        self.device = device
        self.stack: Bluetooth = device.bluetooth
        self.fmdnd = Fmdnd(device.machine)
        self.owner = Owner(device.machine)
        self.phone = Seeker(device.machine)
        self.peer = f"{bluetooth.path(0)}/dev_{bluetooth.identity(1).replace(':', '_')}"  # the phone, as the device knows it

    def show_on_classic(self) -> None:
        """bluetoothd makes an adapter connectable over BR/EDR while it is discoverable."""
        self.stack.set(bluetooth.path(0), _ADAPTER, "DiscoverableTimeout", "u", "0")
        self.stack.set(bluetooth.path(0), _ADAPTER, "Discoverable", "b", "true")

    def connects_again(self, seconds: float = 60) -> int:
        """How many messages greet the phone, once it can connect."""
        deadline = time.monotonic() + seconds
        while (end := self.phone.attempt()) != "connected":
            if time.monotonic() > deadline:
                raise bed.CheckFailed(f"the stream does not come back: {end}; {self.fmdnd.log()}")
            time.sleep(0.5)
        return len(self.phone.hear(5))

    def is_pairable(self) -> bool:
        return self.stack.get(bluetooth.path(0), _ADAPTER, "Pairable")

    def wait_until_not_pairable(self) -> None:
        deadline = time.monotonic() + 30
        while self.is_pairable():
            if time.monotonic() > deadline:
                raise bed.CheckFailed(f"anybody may bond with it: {self.fmdnd.log()}")
            time.sleep(0.2)


def bonds(story: Story) -> None:
    it, stack = story.it, story.stack
    story.fmdnd.call("StartPairing", "u 600")
    story.owner.run("pair phones --antispoofing-key /etc/model.pem")
    it.check_equal(story.fmdnd.get("State"), "paired", "a phone pairs by Fast Pair")
    it.check(stack.get(story.peer, _DEVICE, "Bonded"), "and is bonded, both having compared the same digits")
    story.wait_until_not_pairable()
    it.say("ok: afterwards nobody else can bond with the device")
    story.owner.run("provision phones")
    it.check_equal(story.fmdnd.get("State"), "provisioned", "it gets its identity key")


def greets(story: Story) -> None:
    it = story.it
    story.phone.connect()
    greeting = story.phone.hear(5)
    it.check_equal([(group, code) for group, code, _ in greeting],
                   [(INFORMATION, code) for code in (0x01, 0x02, 0x0A, 0x09, 0x0B)],
                   "a phone that connects hears model, address, nonce, firmware and identifier")
    said = {code: data for _, code, data in greeting}
    it.check_equal(said[0x01].hex(), "9266e8", "the model")
    it.check_equal(said[0x02].hex(":"), bluetooth.identity(0).lower(), "the address")
    it.check_equal(said[0x09], b"1.0.0", "0x0309: the firmware's version")
    clock = int.from_bytes(said[0x0B][:4], "big")
    eid = story.owner.json(f"eid --device phones --clock {clock}")["eids"][0]["eid"]
    it.check_equal(said[0x0B][4:].hex(), eid, f"0x030B: the identifier of its clock, {clock} s")


def answers(story: Story) -> None:
    it, phone = story.it, story.phone
    phone.say("06010000")
    it.check_equal(phone.hear(6)[5], (CAPABILITIES, 0x03, b"\x01" + bytes.fromhex(bluetooth.identity(0).replace(":", ""))),
                   "0x0603: provisioned, and its address")
    phone.say("0401000101")
    it.check_equal(phone.hear(7)[6], (ACKNOWLEDGEMENT, 0x01, b"\x04\x01"), "it is asked to ring, and agrees")
    it.check(story.device.input.wait_for_sounds(1)[0][1] != 0, "it rings")  # and pauses between its tones
    phone.say("0401000100")
    it.check_equal(phone.hear(8)[7], (ACKNOWLEDGEMENT, 0x01, b"\x04\x01"), "until it is asked to stop")
    it.check_equal(story.fmdnd.get("Ringing"), 0, "it is silent")
    phone.say("0401000104")
    it.check_equal(phone.hear(9)[8], (ACKNOWLEDGEMENT, 0x02, b"\x00\x04\x01"), "what it cannot ring with is refused")


def bears_nonsense(story: Story) -> None:
    it, phone = story.it, story.phone
    for octet in "77", "88", "00", "02", "aa", "bb":  # an unknown message, octet by octet
        phone.say(octet)
    phone.say("77881000")  # and a long one; btvirt's controllers stop at some 14 KiB at once
    phone.say("flood 4096")
    phone.say("06010000")
    it.check_equal(phone.hear(10)[9][:2], (CAPABILITIES, 0x03), "4 KiB of nonsense are passed over, and the next request is answered")
    phone.end()
    it.check_equal(story.connects_again(), 5, "a phone that went without a word can connect again")


def survives(story: Story) -> None:
    it, stack, phone = story.it, story.stack, story.phone
    stack.restart_bluetoothd("KILL")
    phone.wait_until_closed()
    story.show_on_classic()
    it.check_equal(story.connects_again(), 5, "bluetoothd killed and started: the stream is there again")
    stack.call(bluetooth.path(0), _ADAPTER, "RemoveDevice", f"o {story.peer}")
    phone.wait_until_closed()
    end = phone.attempt()
    if end == "connected":
        phone.wait_until_closed()
    it.check_equal(phone.octets(), b"", f"a phone whose bond is removed hears nothing any more: {end}")


def run(it: Bed) -> None:
    model = Model()
    hardware = '[sound]\nevdev = "/run/button"\n[button]\nevdev = "/run/button"\nkey = 116\n'
    programs = [*fmdnd.programs(it), *seeker.programs(it)]
    with Device(it, "device", programs, model.files(hardware, locator_tag=False)) as device:
        device.power_on()
        it.say("the guest is up")
        device.start_rpmbd()
        device.machine.run(f"ln -s {device.input.plug_in()} /run/button")
        story = Story(it, device)
        device.bluetooth.start(bluetooth.EXTENDED, Config(mode="dual", private=False))
        story.fmdnd.start()
        story.wait_until_not_pairable()
        it.say("ok: as long as no phone has met it by Fast Pair, nobody can bond with it")
        story.show_on_classic()
        bonds(story)
        greets(story)
        answers(story)
        bears_nonsense(story)
        survives(story)


if __name__ == "__main__":
    bed.main("k", run, ("qemu", "kernel", "bluez-bookworm"))
