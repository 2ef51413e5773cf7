#!/usr/bin/env python3
"""Bed I: a Find My Device Network accessory, as its user sees it. fmdnd on hci0 with rpmbd and its chip beside it; the owner is
`signetctl fmdn` on hci1, over the air. What is on the air, and what is said there, is judged from btmon's capture.
"""

import base64
import json
import pathlib
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lib import att, bed, bluetooth, fmdnd, on_air
from lib.beacon import Beacon
from lib.bed import Bed
from lib.bluetooth import Bluetooth, Config
from lib.central import Central
from lib.device import Device
from lib.fmdnd import Fmdnd, Model, Owner

BEACON_ACTIONS = "fe2c1238-8366-4814-8eb0-01de32100bea"
NON_OWNER = "8e0c0001-1d68-fb92-bf61-48377421680e"  # DULT's characteristic
SOUND_START, SOUND_STOP, COMMAND_RESPONSE, SOUND_COMPLETED = 0x0300, 0x0301, 0x0302, 0x0303
GET_IDENTIFIER, IDENTIFIER = 0x0404, 0x0405
SUCCESS, INVALID_STATE, INVALID_COMMAND = 0x0000, 0x0001, 0xFFFF
COPIES_KEYS = pathlib.Path(__file__).parents[2] / "systemd/signet-resolving-keys"
PLACE = "48.137 11.575\n"
AT = f"--address {bluetooth.identity(0)}"
KEY_POWER = 116
NEVER_SILENT = 2  # seconds: at least one frame in that time
RESOLVING_KEYS = "/run/signet/resolving-keys"


class Story:
    def __init__(self, it: Bed, device: Device):
        self.it = it
        self.device = device
        self.stack: Bluetooth = device.bluetooth
        self.beacon = Beacon(self.stack)
        self.fmdnd = Fmdnd(device.machine)
        self.owner = Owner(device.machine)

    def frames(self) -> list[on_air.Advert]:
        """The beacon's adverts that are on the air now."""
        return self.beacon.frames()

    def wait_for_frame(self) -> on_air.Advert:
        return self.beacon.wait_for_frame()

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


def is_sighted(story: Story) -> None:
    """By somebody who knows nothing of it but the frame that was captured."""
    it, owner, machine = story.it, story.owner, story.device.machine
    frame = story.wait_for_frame().payload
    machine.run(f"printf '{PLACE}' | signetctl fmdn seal {frame.hex()} > /tmp/report")
    found = owner.json(f"resolve {frame.hex()}")
    it.check_equal((found["device"], found["eid"]), ("bag", frame[8:28].hex()), "a captured frame is known to its owner")
    opened = owner.json("open --file /tmp/report")
    it.check_equal((opened["device"], base64.b64decode(opened["message_base64"])), ("bag", PLACE.encode()),
                   "who opens what a passer-by has sealed for that frame: the place, octet by octet")
    report = json.loads(machine.run("cat /tmp/report"))
    for part in ("urx", "sx", "ciphertext", "tag"):
        octets = bytearray.fromhex(report[part])
        octets[it.random.randrange(len(octets))] ^= 1 << it.random.randrange(8)
        machine.run(f"echo '{json.dumps(report | {part: octets.hex()})}' > /tmp/changed")
        it.say(f"ok: not with an octet of its {part} changed: {owner.refusal('open --file /tmp/changed')}")


def error_codes(story: Story) -> list[int]:
    """Of the Error Responses that the device has sent to writes, in their order."""
    story.stack.mark("errors")
    pdus = att.pdus(story.stack.records(), 0)
    return [one.error[2] for one in pdus if one.sent and one.error and one.error[0] == att.WRITE_REQUEST]


def handle_of(story: Story, uuid: str) -> int:
    return att.characteristics(att.pdus(story.stack.records(), 1))[uuid.replace("-", "")]


def answers_to_strangers(story: Story) -> list[tuple[int, ...]]:
    """What the device has indicated, in its order: the opcode, and of a Command_Response what it answers and its status."""
    story.stack.mark("answers")
    handle = handle_of(story, NON_OWNER)
    indications = [one for one in att.pdus(story.stack.records(), 0) if one.sent and one.opcode == att.INDICATION]
    result = []
    for octets in (value for one in indications for at, value in one.values() if at == handle):
        words = [int.from_bytes(octets[at:at + 2], "little") for at in range(0, len(octets), 2)]
        result.append(tuple(words[:3]) if words[0] == COMMAND_RESPONSE else (words[0],))
    return result


def refuses(story: Story) -> None:
    it, owner = story.it, story.owner
    before = error_codes(story)
    story.device.machine.run("echo 0011223344556677 > /tmp/recovery-key; chmod 600 /tmp/recovery-key")
    refusal = owner.refusal(f"recover bag --recovery-key /tmp/recovery-key {AT}")
    it.say(f"ok: who has another key hears: {refusal}")
    it.check_equal(error_codes(story)[len(before):], [0x80], "as unauthenticated, on the air as well")
    it.say(f"ok: its owner, who asks for what it does not have: {owner.refusal(f'ring bag --volume high {AT}')}")
    it.check_equal(error_codes(story)[len(before):], [0x80, 0x81], "as an invalid value")
    it.check_equal(story.fmdnd.get("Ringing"), 0, "and it stays silent")


def refuses_strangers(story: Story) -> None:
    """A central that has no key and knows no rule, while a stranger may ask for a sound, but not who the owner is."""
    it = story.it
    central = Central(story.device.machine, story.stack)
    device = central.find(bluetooth.identity(0))
    central.connect(device)
    central.subscribe(device, NON_OWNER)
    read = {one.body for one in att.pdus(story.stack.records(), 0) if one.sent and one.opcode == att.READ_RESPONSE}
    it.check(b"Tag" in read, "what bluetoothd reads of any device, its name, is that of any tag")
    forged = b"\x00\x08" + bytes(8)
    errors, answers = error_codes(story), answers_to_strangers(story)
    central.write(device, BEACON_ACTIONS, forged)  # no nonce was read for it
    central.read(device, BEACON_ACTIONS)
    central.write(device, BEACON_ACTIONS, forged[:-1])
    central.read(device, BEACON_ACTIONS)
    central.write(device, BEACON_ACTIONS, forged)
    central.write(device, BEACON_ACTIONS, forged)  # its nonce is used up
    it.check_equal(error_codes(story)[len(errors):], [0x80, 0x81, 0x80, 0x80],
                   "refused: without a nonce, cut off, with a forged authentication, with a nonce that was used")
    for request in (GET_IDENTIFIER, SOUND_STOP):
        central.write(device, NON_OWNER, request.to_bytes(2, "little"))
    it.check_equal(answers_to_strangers(story)[len(answers):],
                   [(COMMAND_RESPONSE, GET_IDENTIFIER, INVALID_COMMAND), (COMMAND_RESPONSE, SOUND_STOP, INVALID_STATE)],
                   "so are the identifier without its user's consent, and the end of a sound that there is not")
    central.disconnect(device)


def protects(story: Story) -> None:
    it, owner = story.it, story.owner
    before = story.wait_for_frame()
    owner.run("utp on bag")
    it.check(story.fmdnd.get("UnwantedTrackingProtection"), "its network turns unwanted-tracking protection on")
    during = story.wait_for_frame()
    it.check_equal(during.payload[7], 0x41, "which shows in the type of the frame")
    it.check_equal(during.payload[8:28], before.payload[8:28], "and not in the identifier")
    refuses_strangers(story)
    it.say(f"ok: a stranger does not learn who owns it: {owner.refusal(f'identify {AT}')}")
    story.fmdnd.call("StartIdentifying")
    story.device.machine.run("sleep 1")
    identifier = owner.json(f"identify {AT}")["identifier"]
    it.check(identifier.startswith(during.payload[8:18].hex()), "unless its user has allowed it")
    answers = answers_to_strangers(story)
    owner.run(f"sound --stop-after 1 {AT}")
    it.check_equal(story.fmdnd.get("Ringing"), 0, "a stranger has it ring and stops it")
    it.check_equal(answers_to_strangers(story)[len(answers):],
                   [(COMMAND_RESPONSE, SOUND_START, SUCCESS), (SOUND_COMPLETED,)], "as the indications say")
    owner.run("utp off bag")
    it.check_equal(story.wait_for_frame().payload[7], 0x40, "and off again")


def is_with_its_owner(story: Story) -> None:
    """Its user's consent to be identified is still valid; unwanted-tracking protection is off."""
    it, owner = story.it, story.owner
    it.check("identify" in story.fmdnd.get("Windows"), "near its owner, and still identifiable by its user's wish,")
    answers = answers_to_strangers(story)
    it.say(f"ok: it tells strangers nothing: {owner.refusal(f'identify {AT}')}")
    it.say(f"ok: and makes no sound for them: {owner.refusal(f'sound --stop-after 1 {AT}')}")
    it.check_equal(answers_to_strangers(story)[len(answers):],
                   [(COMMAND_RESPONSE, request, INVALID_COMMAND) for request in (GET_IDENTIFIER, SOUND_START)],
                   "with Invalid_command for both")


def is_recovered(story: Story) -> None:
    it, owner, device = story.it, story.owner, story.device
    refusal = owner.refusal("recover bag")
    it.check_equal(error_codes(story)[-1], 0x82, f"without consent the key is not read back: {refusal}")
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


def privacy(story: Story) -> None:
    """bluetoothd with private addresses, and fmdnd, which has to be told of the key with which they are made: afterwards."""
    stack, machine = story.stack, story.device.machine
    for index in (0, 1):
        stack.power(index, False)
    stack.configure(Config(private=True))
    stack.restart_bluetoothd()
    story.fmdnd.start()
    machine.run(f"mkdir -p {RESOLVING_KEYS} && /bin/signet-resolving-keys {RESOLVING_KEYS}")


def was_made_with(address: str, identity_file: str) -> bool:
    """Whether a private address is of the key in bluetoothd's file, where the least significant octet comes first."""
    digits = identity_file.split("IdentityResolvingKey=")[1].split()[0].removeprefix("0x")
    key = bytes.fromhex(digits)[::-1]
    octets = bytes.fromhex(address.replace(":", ""))
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return octets[0] >> 6 == 1 and encryptor.update(bytes(13) + octets[:3])[-3:] == octets[3:]


def pairs_in_private(story: Story) -> None:
    it, owner, machine = story.it, story.owner, story.device.machine
    identity = machine.run(f"cat /var/lib/bluetooth/{bluetooth.identity(0)}/identity")
    it.check_equal(machine.run(f"stat -c %a {RESOLVING_KEYS}/{bluetooth.identity(0)}").strip(), "440",
                   "the key of the private addresses is where fmdnd finds it")
    story.fmdnd.call("StartPairing", "u 600")
    seen = json.loads(owner.run("pair purse --antispoofing-key /etc/model.pem").splitlines()[-1])["address"]
    it.check(was_made_with(seen, identity), f"a phone has seen {seen}, which that key resolves,")
    it.check_equal(story.fmdnd.get("State"), "paired", "and has paired by it")
    owner.run("provision purse")
    address = story.wait_for_frame().address
    it.check(was_made_with(address, identity), f"the beacon is on the air under {address}, of that key as well")
    owner.run("unprovision purse --yes")


def is_abandoned(story: Story) -> None:
    it, owner = story.it, story.owner
    owner.run("unprovision bag --yes")
    story.fmdnd.wait_for("State", lambda state: state == "factory")
    it.check_equal(story.frames(), [], "its owner gives it up: a locator tag is as out of the box, and off the air")


def order_of_answers(story: Story) -> None:
    """Of each write to Beacon Actions that succeeded, but for ringing: first the notification, then the answer."""
    pdus = att.pdus(story.stack.records(), 1)
    handle = handle_of(story, BEACON_ACTIONS)
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
    programs = [*fmdnd.programs(it), it.built("tests/bus/bluez_script"), COPIES_KEYS]
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
        is_sighted(story)
        rings(story)
        refuses(story)
        protects(story)
        is_with_its_owner(story)
        is_recovered(story)
        order_of_answers(story)
        survives(story)
        is_abandoned(story)
        story.fmdnd.stop()
        is_like_the_fake(it, device)
        privacy(story)
        pairs_in_private(story)


if __name__ == "__main__":
    bed.main("i", run, ("qemu", "kernel", "bluez-bookworm"))
