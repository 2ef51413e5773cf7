#!/usr/bin/env python3
"""Bed N: a tag whose button and buzzer are wired to GPIO lines. fmdnd on hci0 with libgpiod, the kernel and its GPIO chip; the
owner is `signetctl fmdn` on hci1, over the air.
"""

from lib import bed, bluetooth, fmdnd, gpio
from lib.bed import Bed
from lib.bluetooth import Config
from lib.device import Device
from lib.eid import SECP160R1
from lib.fmdnd import Fmdnd, Model, Owner
from lib.gpio import Chip
from lib.ownership import Ownership

BUTTON, BUZZER = 3, 5
KEY_POWER = 116
HARDWARE = f'[button]\ngpio = "gpiochip0:{BUTTON}"\nactive_low = true\nbias = "pull_up"\n[sound]\ngpio = "gpiochip0:{BUZZER}"\n'
AT = f"--address {bluetooth.identity(0)}"


class Story:
    def __init__(self, it: Bed, device: Device):
        self.it = it
        self.device = device
        self.chip = Chip(device.machine)
        self.fmdnd = Fmdnd(device.machine)
        self.owner = Owner(device.machine)

    def press(self) -> None:
        self.chip.drive(BUTTON, 0)

    def let_go(self) -> None:
        self.chip.drive(BUTTON, 1)


def waits(story: Story) -> None:
    it, chip = story.it, story.chip
    refusal = story.owner.refusal(f"ring bag --seconds 60 {AT}")
    it.say(f"ok: without its chip it does not ring: {refusal}")
    chip.plug_in()
    story.device.machine.run("grep -qw gpiochip /proc/devices")  # as DeviceAllow= in fmdnd.service has it
    users = chip.wait_for_users(1)
    it.check("fmdnd" in users[0] and " in " in users[0] and "IRQ" in users[0] and "ACTIVE LOW" in users[0],
             f"it has its button as soon as the chip is there: {users[0]}")


def rings(story: Story) -> None:
    it, chip, owner = story.it, story.chip, story.owner
    owner.run(f"ring bag --seconds 60 {AT}")
    it.check(story.fmdnd.get("Ringing") != 0, "rung over the air, it rings:")
    levels = chip.wait_for_changes(BUZZER, 4)
    it.check_equal(levels[:4], [1, 0, 1, 0], "the line of its buzzer is high and low by turns")
    story.press()
    story.fmdnd.wait_for("Ringing", lambda ringing: ringing == 0, 20)
    it.check_equal(chip.levels(BUZZER)[-1], 0, "until its button is pressed")
    quiet = len(chip.levels(BUZZER))
    it.check("consent" not in story.fmdnd.get("Windows"), "one press is one: it gives no consent besides")
    story.let_go()
    owner.run(f"state bag {AT}")
    it.check_equal(len(chip.levels(BUZZER)), quiet, "and stays silent")


def gives_consent(story: Story) -> None:
    story.press()
    story.fmdnd.wait_for("Windows", lambda windows: "consent" in windows)
    story.let_go()
    story.it.say("ok: pressed again, while nothing rings, it gives consent")


def has_an_input_device_instead(story: Story) -> None:
    """A button that the kernel knows as a key, and a chip of which only the buzzer is needed."""
    it, machine, keys = story.it, story.device.machine, story.device.input
    node = keys.plug_in()
    keys.unplug()
    story.fmdnd.stop()
    machine.run(f"sed -i 's|gpio = .*:{BUTTON}.*|evdev = \"{node}\"|; s/active_low = true/key = {KEY_POWER}/; /bias/d' /etc/signet/fmdnd.toml")
    story.fmdnd.start()
    users = story.chip.users()
    it.check(len(users) == 1 and "fmdnd" in users[0] and "out lo" in users[0], f"it holds the line of its buzzer alone: {users}")
    for what in "that comes later is its button at once", "that went away and came back is so again":
        keys.plug_in()
        story.fmdnd.call("GiveConsent", "u 1")
        story.fmdnd.wait_for("Windows", lambda windows: "consent" not in windows)
        keys.key(KEY_POWER, True)
        keys.key(KEY_POWER, False)
        story.fmdnd.wait_for("Windows", lambda windows: "consent" in windows)
        it.say(f"ok: an input device {what}")
        keys.unplug()


def run(it: Bed) -> None:
    ownership = Ownership(clock=1000)
    programs = [*fmdnd.programs(it), *gpio.programs(it)]
    files = ownership.files(Model(), SECP160R1, HARDWARE)
    with Device(it, "device", programs, files, drivers=gpio.MODULES) as device:
        device.power_on()
        it.say("the guest is up")
        story = Story(it, device)
        device.bluetooth.start(bluetooth.EXTENDED, Config(private=False))
        ownership.begin(device.machine)
        story.fmdnd.start()
        waits(story)
        rings(story)
        gives_consent(story)
        has_an_input_device_instead(story)


if __name__ == "__main__":
    bed.main("n", run, ("qemu", "kernel", "bluez-bookworm"))
