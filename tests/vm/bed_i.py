#!/usr/bin/env python3
"""Bed I: a Find My Device Network accessory, as its user sees it. fmdnd on hci0 with rpmbd and its chip beside it; the owner is
`signetctl fmdn` on hci1, over the air. What is on the air, and what is said there, is judged from btmon's capture.
"""

import time

from lib import att, bed, bluetooth, fmdnd, on_air
from lib.bed import Bed
from lib.bluetooth import Bluetooth, Config
from lib.device import Device
from lib.fmdnd import Fmdnd, Model, Owner

BEACON_ACTIONS = "fe2c1238836648148eb001de32100bea"  # as lib/att.py writes it
KEY_POWER = 116
NEVER_SILENT = 2  # seconds: at least one frame in that time


class Story:
    def __init__(self, it: Bed, device: Device):
        self.it = it
        self.device = device
        self.stack: Bluetooth = device.bluetooth
        self.fmdnd = Fmdnd(device.machine)
        self.owner = Owner(device.machine)

    def frames(self) -> list[on_air.Advert]:
        """The beacon's adverts that are on the air now."""
        now = self.stack.mark("now")
        return [one for one in on_air.at(on_air.on_air(self.stack.records(), 0), now) if one.payload[5:7] == b"\xaa\xfe"]

    def wait_for_frame(self, seconds: float = 60) -> on_air.Advert:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := self.frames():
                return found[0]
            time.sleep(0.2)
        raise bed.CheckFailed(f"the beacon is not on the air: {self.fmdnd.log()}")

    def expected_frame(self, name: str) -> bytes:
        return bytes.fromhex(self.owner.json(f"frame --device {name}")["frame"])


def is_like_the_fake(it: Bed, device: Device) -> None:
    """What the quick tests and the demo have in the place of bluetoothd must not do anything else."""
    said = device.machine.attempt("bluez_script 2>&1", 180)
    differences = [line for line in said.output.splitlines() if not line.startswith("ok: ")]
    it.check(said.status == 0, f"bluetoothd does what the fake does, {said.output.count('ok: ')} times: {differences}")


def pairs(story: Story) -> None:
    it, owner = story.it, story.owner
    it.check_equal(story.fmdnd.get("State"), "factory", "out of the box nobody owns it")
    story.fmdnd.call("StartPairing", "u 600")
    owner.run("pair bag --antispoofing-key /etc/model.pem")
    it.check_equal(story.fmdnd.get("State"), "paired", "a phone pairs by Fast Pair")


def is_provisioned(story: Story) -> None:
    it, owner = story.it, story.owner
    owner.run("provision bag")
    it.check_equal(story.fmdnd.get("State"), "provisioned", "and gives it its identity key")
    advert = story.wait_for_frame()
    it.check_equal(advert.payload, story.expected_frame("bag"), "the frame on the air is the specification's, octet by octet")
    parameters = owner.json("params bag")
    it.say(f"it says of itself {parameters}")
    state = owner.json("state bag")
    it.check(state["provisioned"] and state["owner"], "it knows its owner")


def rings(story: Story) -> None:
    it, owner, device = story.it, story.owner, story.device
    owner.run("ring bag --seconds 60")
    it.check(story.fmdnd.get("Ringing") != 0, "it rings")
    device.input.wait_for_sounds(1)
    device.input.key(KEY_POWER, True)
    device.input.key(KEY_POWER, False)
    story.fmdnd.wait_for("Ringing", lambda ringing: ringing == 0, 20)
    it.check(device.input.sounds()[-1][1] == 0, "until its button is pressed")


def error_codes(story: Story) -> list[int]:
    """Of the Error Responses that the device has sent to writes, in their order."""
    pdus = att.pdus(story.stack.records(), 0)
    return [one.error[2] for one in pdus if one.sent and one.error and one.error[0] == att.WRITE_REQUEST]


def protects(story: Story) -> None:
    it, owner = story.it, story.owner
    before = story.wait_for_frame()
    owner.run("utp on bag")
    it.check(story.fmdnd.get("UnwantedTrackingProtection"), "its network turns unwanted-tracking protection on")
    during = story.wait_for_frame()
    it.check_equal(during.payload[7], 0x41, "which shows in the type of the frame")
    it.check_equal(during.payload[8:28], before.payload[8:28], "and not in the identifier")
    identified = owner.attempt("identify --address " + bluetooth.identity(0))
    it.check(identified.status != 0, "a stranger does not learn who owns it")
    story.fmdnd.call("StartIdentifying")
    story.device.machine.run("sleep 1")
    identifier = owner.json("identify --address " + bluetooth.identity(0))["identifier"]
    it.check(identifier.startswith(during.payload[8:18].hex()), "unless its user has allowed it")
    owner.run("sound --stop-after 1 --address " + bluetooth.identity(0))
    it.check_equal(story.fmdnd.get("Ringing"), 0, "a stranger has it ring and stops it")
    owner.run("utp off bag")
    it.check_equal(story.wait_for_frame().payload[7], 0x40, "and off again")


def is_recovered(story: Story) -> None:
    it, owner, device = story.it, story.owner, story.device
    refused = owner.attempt("recover bag")
    it.check(refused.status != 0 and 0x82 in error_codes(story), f"without consent the key is not read back: {refused.output.strip()}")
    device.input.key(KEY_POWER, True)
    device.input.key(KEY_POWER, False)
    story.fmdnd.wait_for("Windows", lambda windows: "consent" in windows)
    owner.run("recover bag")
    it.say("ok: with it, it is")


def survives(story: Story) -> None:
    it, stack = story.it, story.stack
    expected = story.wait_for_frame().payload

    def back(what: str) -> None:
        begin = time.monotonic()
        payload = story.wait_for_frame().payload
        it.check_equal(payload[8:28], expected[8:28], f"{what}: the beacon is on the air again by itself, {time.monotonic() - begin:.1f} s later")

    stack.restart_bluetoothd()
    back("bluetoothd stopped and started")
    stack.restart_bluetoothd("KILL")
    back("bluetoothd killed and started")
    stack.power_cycle(0)
    stack.wait_until_powered()
    back("adapter off and on")
    story.fmdnd.stop()
    it.check_equal(story.frames(), [], "fmdnd ended: nothing is on the air")
    story.device.rpmbd.stop()
    story.fmdnd.start_without_store()
    it.check_equal(story.fmdnd.get("State"), "starting", "without rpmbd it does not know who it is, and says so")
    it.check_equal(story.fmdnd.get("Problem"), "no_service", "with its error")
    story.device.rpmbd.start()
    story.fmdnd.wait_for("State", lambda state: state == "provisioned")
    back("rpmbd came back")


def is_abandoned(story: Story) -> None:
    it, owner = story.it, story.owner
    owner.run("unprovision bag --yes")
    story.fmdnd.wait_for("State", lambda state: state == "factory")
    it.check_equal(story.frames(), [], "its owner gives it up: a locator tag is as out of the box, and off the air")


def order_of_answers(story: Story) -> None:
    """Of each write to Beacon Actions that succeeded, but for ringing: first the notification, then the answer."""
    pdus = att.pdus(story.stack.records(), 1)
    handle = att.characteristics(pdus)[BEACON_ACTIONS]
    kinds = []
    for at, pdu in enumerate(pdus):
        if pdu.opcode != att.WRITE_REQUEST or pdu.values()[0][0] != handle or pdu.values()[0][1][:1] == b"\x05":
            continue
        first = next(one for one in pdus[at + 1:] if not one.sent and one.kind in ("response", "notification"))
        if not first.error:
            kinds.append(first.kind)
    story.it.check_equal(kinds, ["notification"] * len(kinds), f"{len(kinds)} answers came before the responses to their writes")


def run(it: Bed) -> None:
    model = Model()
    hardware = '[sound]\nevdev = "/run/button"\n[button]\nevdev = "/run/button"\nkey = 116\n'
    programs = [*fmdnd.programs(it), it.built("tests/bus/bluez_script")]
    with Device(it, "device", programs, model.files(hardware)) as device:
        device.power_on()
        it.say("the guest is up")
        device.start_rpmbd()
        device.machine.run(f"ln -s {device.input.plug_in()} /run/button")
        story = Story(it, device)
        device.bluetooth.start(bluetooth.EXTENDED, Config(private=False))
        story.fmdnd.start()
        it.check_equal(story.fmdnd.get("Store"), "rpmbd", "its owner's keys are kept behind the chip's key")
        pairs(story)
        is_provisioned(story)
        rings(story)
        protects(story)
        is_recovered(story)
        order_of_answers(story)
        survives(story)
        is_abandoned(story)
        story.fmdnd.stop()
        is_like_the_fake(it, device)


if __name__ == "__main__":
    bed.main("i", run, ("qemu", "kernel", "bluez-bookworm"))
