#!/usr/bin/env python3
"""Bed E: the kernel's own MMC driver on QEMU's eMMC, with unmodified mmc-utils as the independent judge.

Only here: sysfs, the ioctl checks and the partition switching of a real driver; a chip that refuses two frames in one
write although it announces them; a counter that falls back to 0. What QEMU's model cannot show: writes of more than one
frame, and the address check (it lets a write past the end of the partition through, into the user area).
"""

import json
import secrets
import time

from lib import bed, emmc, frames, registrar, rpmbd
from lib.bed import Bed
from lib.machine import GuestFailure
from lib.mmc_utils import MmcUtils
from lib.registrar import Registrar
from lib.rpmbd import Rpmbd
from lib.workload import Workload

CUTS = 20
TEXT = "what was stored before the first power cut"


class Card:
    """One eMMC and the machine around it."""

    def __init__(self, it: Bed, name: str, root_secret: bytes, chip: str = 'transport = "auto"', registered: bool = False):
        self.image = it.work / f"{name}.img"
        self.key = frames.rpmb_key(root_secret, emmc.CID)
        emmc.create_image(self.image)
        programs = [MmcUtils.PROGRAM, *rpmbd.programs(it)]
        files = rpmbd.files(chip, root_secret, registrar.TRUST if registered else "")
        if registered:
            programs.append(registrar.program(it))
            files |= registrar.files()
        self.machine = it.machine(emmc.MODULES, programs, files, name)
        self.mmc = MmcUtils(self.machine, emmc.NODE)
        self.rpmbd = Rpmbd(self.machine)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.kill()

    def power_on(self, key: bytes | None = None) -> None:
        """Starts QEMU; the chip's counter is 0, and it has no key or `key`."""
        self.machine.launch(emmc.devices(self.image, key))
        self.wait_for_boot()

    def wait_for_boot(self) -> None:
        self.machine.wait_until_up()
        wait = f"for i in $(seq 200); do [ -c {emmc.NODE} ] && exit; sleep 0.05; done; exit 1"
        self.machine.run(wait)
        self.machine.run(f"chown rpmbd {emmc.NODE}")  # what the udev rule does on a whole system


def provision(it: Bed, card: Card) -> None:
    status = card.rpmbd.start()
    it.check_equal(status["problem"], "not_provisioned", "a new chip is named as such")
    it.check_equal(status["chip"]["cid"], emmc.CID.hex(), "the chip is found through sysfs, with its CID")
    it.check_equal(status["chip"]["size"], emmc.RPMB_SIZE, "and its size")

    plan = card.rpmbd.json("chip provision --dry-run")["plan"]
    it.check_equal(plan["refusals"], [], "the dry run has no objection")
    it.check(card.mmc.has_no_key(), "and has changed nothing: mmc-utils still finds no key")

    card.rpmbd.run(f"chip provision --cid {emmc.CID.hex()} --root-backup none-accepted --yes")
    it.check_equal(card.rpmbd.status()["state"], "ready", "after provisioning the daemon is ready")
    learnt = card.rpmbd.status()["chip"]["write_frames"]
    it.check_equal(learnt, 1, "it has learnt that this chip writes one frame at a time")


def use(it: Bed, card: Card) -> None:
    ctl = card.rpmbd
    ctl.run("store put greeting", stdin=TEXT)
    it.check_equal(ctl.run("store get greeting"), TEXT, "an object comes back as it was stored")
    ctl.run("store put note", user="alice", stdin="of alice")
    it.check_equal(ctl.run("store get note", user="alice"), "of alice", "for another user as well")
    it.check(ctl.attempt("store get note").status != 0, "in a namespace of its own")

    for algorithm in ("ecdsa-p256", "hmac-sha256"):
        ctl.run(f"key generate {algorithm} --algorithm {algorithm}")
        ctl.run(f"sign {algorithm} -o /tmp/{algorithm}", stdin="data")
        ctl.run(f"verify {algorithm} --signature /tmp/{algorithm}", stdin="data")
        it.check(
            ctl.attempt(f"verify {algorithm} --signature /tmp/{algorithm}", stdin="other data").status != 0,
            f"{algorithm} signs, verifies, and refuses other data",
        )


def judge(it: Bed, card: Card) -> None:
    """Lets others than Signet say what is on the chip."""
    counter = card.rpmbd.json("chip counter")["write_counter"]
    it.check_equal(card.mmc.counter(), counter, f"mmc-utils reads the same write counter, {counter}")
    block = card.mmc.read_block(0, card.key)
    it.check_equal(block[:4], frames.ANCHOR_MAGIC, "and with the derived key authenticates block 0, the store's anchor")
    it.check(TEXT.encode() not in card.image.read_bytes(), "the card's image does not hold the object in clear")

    evidence = card.rpmbd.evidence("fresh")
    it.check_equal(frames.evidence_counter(evidence, card.key, "root", b"fresh"), counter,
                   "the evidence holds authentic reads of the anchors and of the counter, which has the same value")


def cut_power(it: Bed, card: Card, workload: Workload) -> None:
    """One cut in the middle of writing, and what is there afterwards."""
    card.machine.begin(f"object_loop write {workload.first} > /dev/ttyS0")
    deadline = None
    delay = it.random.uniform(0.05, 0.8)
    while deadline is None or time.monotonic() < deadline:
        line = card.machine.console.read_line(0.01 if deadline else 60)
        if line is None and deadline is None:
            raise GuestFailure(f"no write was acknowledged: {card.rpmbd.log()}")
        if line and line.startswith("error"):
            raise bed.CheckFailed(line)
        if line and workload.take(line) and deadline is None:
            deadline = time.monotonic() + delay
    card.machine.reset()
    card.wait_for_boot()
    while line := card.machine.console.read_line(0):
        workload.take(line)

    status = card.rpmbd.start()
    it.check_equal(status["state"], "ready", "power cut in mid-write: the store mounts")
    wrong = workload.check(card.machine.run("object_loop list"))
    it.check(wrong is None, wrong or f"it holds {workload}")
    card.rpmbd.run("doctor --json")


def power_cuts(it: Bed, card: Card) -> None:
    workload = Workload()
    for _ in range(CUTS):
        cut_power(it, card, workload)
    it.check_equal(card.rpmbd.run("store get greeting"), TEXT, f"{CUTS} power cuts, and the first object is there, too")


def rollback(it: Bed, card: Card) -> None:
    card.machine.kill()
    card.power_on(card.key)
    status = card.rpmbd.start()
    expect_problem(it, card, status, "rollback", "a counter that is back at 0 is named")
    it.check_equal(status["state"], "read_only", "the store is read-only")
    it.check_equal(card.rpmbd.run("store get greeting"), TEXT, "what the store holds can still be read")
    it.check(card.rpmbd.attempt("store put greeting", stdin="x").status != 0, "and nothing can be written")


def expect_problem(it: Bed, card: Card, status: dict, problem: str, text: str) -> None:
    """The daemon names the problem and a remedy, and so does doctor."""
    it.check_equal(status["problem"], problem, text)
    doctor = card.rpmbd.attempt("doctor")
    it.check(doctor.status == 1 and problem in doctor.output, f"doctor names {problem}: {status['remedy']}")


def foreign_key(it: Bed, card: Card) -> None:
    card.power_on()
    card.mmc.write_key(secrets.token_bytes(32))
    expect_problem(it, card, card.rpmbd.start(), "wrong_key", "a chip that somebody else has programmed is named")
    provision = card.rpmbd.attempt(f"chip provision --cid {emmc.CID.hex()} --root-backup none-accepted --yes")
    it.check(provision.status != 0, "and is not provisioned")
    card.machine.kill()


def key_of_ours_by_others(it: Bed, card: Card) -> None:
    card.power_on()
    card.mmc.write_key(card.key)
    status = card.rpmbd.start()
    it.check_equal(status["problem"], "not_formatted", "a chip that got our key from mmc-utils has no store yet")
    card.rpmbd.run(f"chip format --cid {emmc.CID.hex()} --yes")
    it.check_equal(card.rpmbd.status()["state"], "ready", "and is ready once it is formatted")


def foreign_write(it: Bed, card: Card) -> None:
    card.rpmbd.run("store put greeting", stdin=TEXT)
    # Two: after a restart, a single one could as well be a write of our own that a power cut has torn.
    for address in (100, 101):
        card.mmc.write_block(address, bytes(256), card.key)
    put = card.rpmbd.attempt("store put greeting", stdin="after a foreign write")
    it.check(put.status != 0, f"a write behind the daemon's back is noticed by the next one: {put.output.strip()}")
    expect_problem(it, card, card.rpmbd.status(), "foreign_writer", "and named")

    card.rpmbd.stop()
    expect_problem(it, card, card.rpmbd.start(), "foreign_writer", "a restart does not make it forgotten")
    card.rpmbd.run(f"chip accept --cid {emmc.CID.hex()} --yes")
    it.check_equal(card.rpmbd.status()["state"], "ready", "until an administrator accepts the content")
    it.check_equal(card.rpmbd.run("store get greeting"), TEXT, "which is what the daemon wrote")
    card.rpmbd.stop()


def wrong_nodes(it: Bed, card: Card) -> None:
    card.machine.run(f"chown root {emmc.NODE}; chmod 600 {emmc.NODE}")
    expect_problem(it, card, card.rpmbd.start("alice"), "chip_permission", "a node without permission is named")
    card.rpmbd.stop()

    card.machine.run(r"""sed -i 's|^transport.*|node = "/dev/mmcblk0"|' /etc/signet/rpmbd.toml""")
    expect_problem(it, card, card.rpmbd.start("root"), "not_rpmb", "the card's block device is not taken for the node")
    user_area = card.image.read_bytes()[-emmc.USER_SIZE :]
    it.check(user_area == bytes(emmc.USER_SIZE), "and nothing was written to the user area")
    card.machine.kill()


def register(it: Bed, card: Card) -> None:
    """From the sn ticket to a verdict on both factors: the registrar sees answers of a chip behind a kernel's driver."""
    card.power_on()
    server = Registrar(card.machine, card.rpmbd)
    server.start()
    card.rpmbd.start()
    card.rpmbd.run(f"chip provision --cid {emmc.CID.hex()} --root-backup none-accepted --yes")
    issued = json.loads(server.run("vendor", "sn-ticket --model M1 SN-1"))["sn_tickets"][0]["sn_ticket"]
    card.rpmbd.run("register --model M1 --sn SN-1 --app wx1", stdin=issued)
    device = card.rpmbd.json("device info")
    it.check_equal((device["state"], device["generation"]), ("confirmed", 1), "the device is registered")

    audience = "--audience https://app.test"
    nonce = json.loads(server.run("verifier", f"nonce {audience}"))["nonce"]
    card.machine.run(f"signetctl ticket get {audience} --nonce {nonce} > /tmp/ticket")
    server.run("verifier", "crl hardware -o /tmp/crl")
    card.rpmbd.run(f"ticket verify --ca /etc/signet/registrar-ca.pem --crl /tmp/crl {audience} --file /tmp/ticket")
    verdict = json.loads(server.run("verifier", f"verify {audience} --file /tmp/ticket"))
    it.check_equal(verdict["verdict"], "accepted", "its ticket verifies offline, and by the registrar")
    it.check_equal(verdict["factors"]["rpmb"]["status"], "ok", "which has seen the chip itself answer")
    it.check_equal(verdict["device"]["transport"], "emmc", "a certificate of the CA for hardware")
    again = server.attempt("verifier", f"verify {audience} --file /tmp/ticket")
    it.check(again.status != 0 and "spent" in again.output, "the same ticket a second time is refused")
    card.rpmbd.run("doctor --json")
    card.machine.kill()


def run(it: Bed) -> None:
    root_secret = secrets.token_bytes(32)
    with Card(it, "main", root_secret) as card:
        card.power_on()
        it.say("the guest is up")
        provision(it, card)
        use(it, card)
        judge(it, card)
        power_cuts(it, card)
        rollback(it, card)
    with Card(it, "foreign", root_secret) as card:
        foreign_key(it, card)
        key_of_ours_by_others(it, card)
        foreign_write(it, card)
        wrong_nodes(it, card)
    with Card(it, "registered", root_secret, registered=True) as card:
        register(it, card)


if __name__ == "__main__":
    bed.main("e", run)
