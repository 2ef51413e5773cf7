#!/usr/bin/env python3
"""Bed M: fmdnd as its package installs it, on a whole system: under its unit and the bus policy, with bluetoothd as Debian starts it and
rpmbd behind the kernel's eMMC driver. Its owner is an ordinary user with `signetctl fmdn` on the other controller.

Only here: that the sandbox lets it do its work, the two one-shots of root that udev starts, who may call it, upgrade and removal.
What is on the air, and what is said there, is bed I's.
"""

import base64
import gzip
import re
import time

from lib import bed, bluetooth, emmc, fmdnd, installed, installed_beacon, ownership, sandbox, system_disk
from lib.beacon import Beacon
from lib.bed import Bed, CheckFailed
from lib.bluetooth import Config
from lib.device import Input
from lib.fmdnd import Model, Owner
from lib.installed import Installed, client
from lib.installed_beacon import InstalledBluetooth, InstalledFmdnd
from lib.machine import Machine

KEYRING = "/home/alice/keyring"
BTN_0 = 256  # not KEY_POWER as in the other beds: that is logind's here
HARDWARE = f'[sound]\nevdev = "/run/button"\n[button]\nevdev = "/run/button"\nkey = {BTN_0}\n'
RESOLVING_KEYS = "/run/signet/resolving-keys"
RPA_TIMEOUT = 815  # signet-rpa-timeout@.service; the kernel's own is 900
ONE_SHOTS = ("signet-rpa-timeout@hci0", "signet-rpa-timeout@hci1", "signet-resolving-keys")
# What the bus, the kernel's audit and systemd say of somebody who was not allowed to do something, and programs of EPERM and EACCES.
DENIED = r"Rejected send message|type=1326|status=31/SYS|ermission denied|Operation not permitted|not permitted|AccessDenied|access_denied"


class Story:
    def __init__(self, it: Bed, machine: Machine, capture):
        self.it = it
        self.machine = machine
        self.stack = InstalledBluetooth(machine, capture)
        self.beacon = Beacon(self.stack)
        self.rpmbd = Installed(machine)
        self.fmdnd = InstalledFmdnd(machine)
        self.input = Input(machine)
        self.owner = Owner(machine, KEYRING, "alice")
        self.model = Model()
        self.files = self.model.files(HARDWARE, key=fmdnd.CREDENTIAL)

    def runs(self) -> dict[str, int]:
        """How often each one-shot has ended well so far."""
        return {name: self.unit_log(name).count("\nFinished") for name in ONE_SHOTS}

    def unit_log(self, name: str) -> str:
        return self.machine.run(f"journalctl --sync; journalctl --quiet --boot --unit={name} --output=cat")

    def one_shots_ran(self, when: str, before: dict[str, int]) -> None:
        """Waits until each has ended once more: udev starts them, and they wait for the controller and for bluetoothd."""
        deadline = time.monotonic() + 120
        while any(count == before[name] for name, count in self.runs().items()):
            if time.monotonic() > deadline:
                raise CheckFailed(f"{when}: not all of {ONE_SHOTS} run: {[self.unit_log(name) for name in ONE_SHOTS]}")
            time.sleep(0.5)
        timeouts = self.machine.run("cat /sys/kernel/debug/bluetooth/hci[01]/rpa_timeout").split()
        self.it.check_equal(timeouts, [str(RPA_TIMEOUT)] * 2, f"{when}: private addresses of both change with the beacon,")
        found = self.machine.run(f"cd {RESOLVING_KEYS} && stat --format='%n %a %U %G' . *").splitlines()
        keys = [f"{bluetooth.identity(index)} 440 root fmdnd" for index in (0, 1)]
        self.it.check_equal(found, [". 750 root fmdnd", *keys], "their keys are where fmdnd reads them, and nobody else")


def is_installed(story: Story) -> None:
    """On a system that has its controllers already."""
    it, machine = story.it, story.machine
    story.rpmbd.install()
    state = machine.attempt("systemctl is-enabled fmdnd; systemctl is-active fmdnd").output.split()
    it.check_equal(state, ["enabled", "inactive"], "the package enables the unit, which waits for its configuration")
    story.one_shots_ran("after the installation", dict.fromkeys(ONE_SHOTS, 0))


def is_set_up(story: Story) -> None:
    """As docs/beacon.md says it."""
    it, machine = story.it, story.machine
    installed_beacon.write(machine, "/etc/signet/rpmbd.d/admin.toml", client("root", "admin").encode())
    machine.run("rpmbd-provision create")
    story.rpmbd.restart()
    story.rpmbd.run(f"chip provision --cid {emmc.CID.hex()} --root-backup none-accepted --yes")
    machine.run(f"ln -s {story.input.plug_in()} /run/button")
    for path in (fmdnd.CONFIG, fmdnd.CREDENTIAL):
        installed_beacon.write(machine, f"/{path}", story.files[path], "600" if path == fmdnd.CREDENTIAL else "644")
    machine.run("fmdnd --check-config")
    story.fmdnd.start()
    it.check_equal([story.fmdnd.get(name) for name in ("State", "Store", "Problem")], ["factory", "rpmbd", ""],
                   "configured, the unit starts, with its secrets in rpmbd")
    it.say(f"limitations: {story.fmdnd.get('Limitations')}")


def is_confined(story: Story) -> None:
    it, machine, unit = story.it, story.machine, story.fmdnd.unit
    sandbox.check_process(it, machine, unit, sandbox.FMDND)
    sandbox.check_memory(it, machine, unit)
    sandbox.check_exposure(it, machine, unit, sandbox.FMDND)


def works(story: Story) -> None:
    it, machine, owner = story.it, story.machine, story.owner
    installed_beacon.write(machine, f"/{fmdnd.OWNER_KEY}", story.files[fmdnd.OWNER_KEY], "600", "alice")
    installed_beacon.write(machine, f"/{fmdnd.MODEL}", story.files[fmdnd.MODEL])
    story.fmdnd.call("StartPairing", "u 600")
    owner.run(f"pair bag --antispoofing-key /{fmdnd.MODEL}")
    owner.run("provision bag")
    it.check_equal(story.fmdnd.get("State"), "provisioned", "an ordinary user pairs with it and provisions it")
    expected = bytes.fromhex(owner.json("frame --device bag")["frame"])
    it.check_equal(story.beacon.wait_for_frame().payload, expected, "the frame on the air is the specification's, octet by octet")
    it.check(owner.json("params bag")["ring_components"], "it tells its parameters")
    owner.run("ring bag --seconds 60")
    story.input.wait_for_sounds(1)
    story.input.key(BTN_0, True)
    story.input.key(BTN_0, False)
    story.fmdnd.wait_for("Ringing", lambda ringing: ringing == 0, 20)
    it.say("ok: it rings until its button is pressed: both are in reach of the sandbox")


def comes_back(story: Story) -> None:
    it, machine, stack = story.it, story.machine, story.stack
    expected = story.beacon.wait_for_frame().payload[8:28]

    def back(what: str, begin: float) -> None:
        found = story.beacon.wait_for_frame().payload[8:28]
        it.check_equal(found, expected, f"{what}: the beacon is on the air again by itself, {time.monotonic() - begin:.1f} s later")

    stack.stop_controllers()
    it.check_equal(story.fmdnd.wait_for("Limitations", lambda names: "no_controller" in names), ["no_controller"],
                   "the controllers are unplugged, and fmdnd says so")
    before = story.runs()
    begin = time.monotonic()
    stack.start_controllers(bluetooth.EXTENDED)
    back("plugged in again", begin)
    story.one_shots_ran("controllers that have come back", before)

    begin = time.monotonic()
    stack.restart_bluetoothd()
    back("systemctl restart bluetooth", begin)
    begin = time.monotonic()
    story.fmdnd.restart()
    back("systemctl restart fmdnd", begin)
    story.rpmbd.restart()
    it.check_equal(story.beacon.wait_for_frame().payload[8:28], expected, "systemctl restart rpmbd: the beacon stays on the air")
    story.owner.run("utp on bag")
    story.owner.run("utp off bag")
    it.check_equal(story.fmdnd.get("Problem"), "", "and serves its owner as before")


def journal_is_clean(story: Story) -> None:
    it, machine = story.it, story.machine
    it.check_equal(machine.run("systemctl list-units --failed --plain --no-legend"), "", "no unit has failed")
    lines = machine.run("journalctl --sync; journalctl --boot --no-pager --output=short-monotonic | gzip | base64", 300)
    journal = gzip.decompress(base64.b64decode(lines)).decode(errors="replace")
    (it.work / "journal.txt").write_text(journal)
    denials = [line for line in journal.splitlines() if re.search(DENIED, line) and " bluetoothd[" not in line]
    it.check_equal(denials, [], "nobody was denied anything")  # bluetoothd cannot have its profiles of Bluetooth Classic here
    keyring = base64.b64decode(machine.run(f"base64 {KEYRING}"))
    identity = machine.run(f"cat {RESOLVING_KEYS}/{bluetooth.identity(0)}")
    key = bytes.fromhex(re.search(r"IdentityResolvingKey=(\w+)", identity)[1])
    known = [story.model.scalar(), *ownership.secrets_of(keyring, story.files[fmdnd.OWNER_KEY]), key, key[::-1]]
    written = {text for one in known for text in (one.hex(), base64.b64encode(one).decode().rstrip("="))}
    it.check_equal([text for text in written if text.lower() in journal.lower()], [],
                   f"none of {len(known)} keys is in the journal of {len(journal.splitlines())} lines")


def bus_policy(story: Story) -> None:
    it, machine = story.it, story.machine

    def attempt(user: str, command: str):
        return machine.attempt(f"su {user} -c 'busctl --json=short {command}'")

    def refused(user: str, command: str, text: str) -> None:
        said = attempt(user, command)
        it.check(said.status != 0 and "Access denied" in said.output, f"{text}: {said.output.strip()}")

    object_ = "org.signet.Fmdn1 /org/signet/Fmdn1"
    it.check("provisioned" in attempt("bob", f"get-property {object_} org.signet.Fmdn1 State").output, "anybody may read how it is")
    it.check_equal(attempt("bob", f"introspect {object_}").status, 0, "and what there is")
    for method in ("StartPairing u 60", "Ring u 1", "FactoryReset"):
        refused("bob", f"call {object_} org.signet.Fmdn1 {method}", f"but not call {method.split()[0]}")
    machine.run("usermod --append --groups signet-fmdn bob")
    it.check_equal(attempt("bob", f"call {object_} org.signet.Fmdn1 Ring u 5").status, 0, "a member of signet-fmdn may")
    it.check_equal(attempt("bob", f"call {object_} org.signet.Fmdn1 StopRinging").status, 0, "all of it")
    characteristics = [path for path in machine.run("busctl tree --list org.signet.Fmdn1").split() if "/char" in path]
    for user in ("alice", "bob"):
        refused(user, f"call org.signet.Fmdn1 {characteristics[0]} org.bluez.GattCharacteristic1 ReadValue a\\{{sv\\}} 0",
                f"{user} does not get past bluetoothd to its characteristics")
    refused("bob", "call org.freedesktop.DBus / org.freedesktop.DBus RequestName su org.signet.Fmdn1 0", "nobody else can be it")


def is_upgraded(story: Story) -> None:
    it, machine = story.it, story.machine
    process = story.fmdnd.unit.process()
    machine.run(f"dpkg --install {installed.PACKAGES}/fmdnd_*.deb")
    it.check(story.fmdnd.unit.process() not in (0, process), "an upgrade restarts the service")
    story.fmdnd.wait_for("State", lambda state: state == "provisioned")
    story.beacon.wait_for_frame()
    it.say("ok: and the beacon is on the air")


def is_removed(story: Story) -> None:
    it, machine = story.it, story.machine
    machine.run("dpkg --remove fmdnd")
    it.check_equal(story.beacon.frames(), [], "removed, nothing is on the air")
    it.check(machine.attempt("pgrep -u fmdnd").status != 0, "no process is left")
    it.check(machine.attempt(f"ls {RESOLVING_KEYS}").status != 0, "nor a copy of the adapters' keys")
    it.check_equal(machine.attempt("test -e /var/lib/signet/fmdnd/clock").status, 0, "but the beacon's clock is")
    machine.run("dpkg --purge fmdnd")
    left = machine.run("find / -xdev \\( -path /proc -o -path /root -o -path /sys \\) -prune -o "
                       "\\( -name '*fmdn*' -o -name '*Fmdn*' -o -name 'signet-rpa*' -o -name 'signet-resolving*' \\) -print")
    kept = [f"/{path}" for path in (fmdnd.CREDENTIAL, fmdnd.CONFIG)]
    it.check_equal(sorted(path for path in left.split() if "/journal" not in path), kept, "purged, what is left is the integrator's")


def run(it: Bed) -> None:
    root = installed.root_folder(it, installed_beacon.PACKAGES)
    installed_beacon.install_programs(it, root)
    card = it.work / "card.img"
    emmc.create_image(card)
    with system_disk.machine(it, root, [*emmc.MODULES, *bluetooth.MODULES]) as machine:
        story = Story(it, machine, it.work / "capture.btsnoop")
        machine.start([*system_disk.devices(it), *emmc.devices(card), *story.stack.devices()])
        it.say("the machine is up")
        story.stack.start(bluetooth.EXTENDED, Config())
        it.say("bluetoothd and its controllers are up")
        is_installed(story)
        is_set_up(story)
        is_confined(story)
        works(story)
        comes_back(story)
        journal_is_clean(story)
        bus_policy(story)
        is_upgraded(story)
        is_removed(story)


bed.main("m", run, ("qemu", "kernel", "bluez-bookworm"))
