#!/usr/bin/env python3
"""Bed F: the UFS way to a chip: SECURITY PROTOCOL IN and OUT through the kernel's own SCSI stack.

The device is a target in user space (TCMU), looped back at the unit number where a UFS device has its RPMB. Not covered:
the UFS host controller itself and the descriptors it shows in sysfs; rpmbd is told the chip's identity and size.
"""

import secrets

from lib import bed, frames, rpmbd
from lib.bed import Bed
from lib.card_host import CardHost
from lib.machine import Machine
from lib.rpmbd import Rpmbd

MODULES = ["uio", "target_core_user", "tcm_loop", "sg"]
CHIP = "/run/chip"
ORDER = "/run/attention"
SIZE = 1 << 20
ROOT_SECRET = secrets.token_bytes(32)


def provision(it: Bed, ctl: Rpmbd, cid: str) -> None:
    status = ctl.start()
    it.check_equal(status["problem"], "not_provisioned", "the RPMB unit is found by its unit number and type")
    it.check_equal(status["chip"]["node"], "/dev/sg0", "behind its SCSI generic node")
    ctl.run(f"chip provision --cid {cid} --root-backup none-accepted --yes")
    frames_at_once = ctl.status()["chip"]["write_frames"]
    it.check_equal(frames_at_once, 2, "provisioned; two frames go into one write, as nothing announces more")


def use(it: Bed, ctl: Rpmbd, machine: Machine, cid: str) -> None:
    ctl.run("store put small", stdin="a few octets")
    machine.run("head -c 20000 /dev/urandom > /tmp/large; signetctl store put large < /tmp/large")
    ctl.run("key generate key")
    ctl.run("sign key -o /tmp/signature", stdin="data")
    ctl.run("verify key --signature /tmp/signature", stdin="data")
    it.say("ok: objects are stored; a key signs, and its signature verifies")

    counter = ctl.json("chip counter")["write_counter"]
    key = frames.rpmb_key(ROOT_SECRET, bytes.fromhex(cid))
    proven = frames.evidence_counter(ctl.evidence("fresh"), key, "root", b"fresh")
    it.check_equal(proven, counter, "evidence is genuine, and of the same counter")


def restart(it: Bed, ctl: Rpmbd, machine: Machine) -> None:
    ctl.stop()
    it.check_equal(ctl.start()["state"], "ready", "restarted, the daemon is ready again")
    check_content(it, ctl, machine, "and has kept everything")


def check_content(it: Bed, ctl: Rpmbd, machine: Machine, text: str) -> None:
    it.check_equal(ctl.run("store get small"), "a few octets", text)
    machine.run("signetctl store get large | cmp - /tmp/large")
    ctl.run("verify key --signature /tmp/signature", stdin="data")


def unit_attention(it: Bed, ctl: Rpmbd, machine: Machine) -> None:
    """A device that is reset forgets the result of the last write: the daemon must find out from the counter."""
    steps = {1: "before the write", 2: "between the write and its result request", 3: "before the result is read"}
    for number, step in steps.items():
        content = f"device reset at command {number}"
        machine.run(f"echo {number} > {ORDER}.new; mv {ORDER}.new {ORDER}")
        ctl.run("store put attention", stdin=content)
        it.check(machine.attempt(f"[ -e {ORDER} ]").status != 0, f"the device is reset {step}")
        it.check_equal(ctl.run("store get attention"), content, "the object is written all the same")
    check_content(it, ctl, machine, "nothing else has changed")
    ctl.run("doctor --json")


def run(it: Bed) -> None:
    chip = it.work / "chip"
    with CardHost(it.built("tests/vm/cards/card_host"), chip, SIZE, 32) as owner:
        cid = owner.show()["cid"]
    files = rpmbd.files(f'transport = "ufs"\ncid = "{cid}"\nsize = {SIZE}', ROOT_SECRET)
    files[CHIP] = chip.read_bytes()
    programs = [*rpmbd.programs(it), it.built("tests/vm/cards/tcmu_card"), it.guest("start-tcmu")]
    with it.machine(MODULES, programs, files) as machine:
        machine.start([])
        machine.run(f"start-tcmu {CHIP} --attention {ORDER} && chown rpmbd /dev/sg0")
        it.say("the kernel has found the unit: " + machine.run("cat /sys/class/scsi_device/*/device/model").strip())
        ctl = Rpmbd(machine)
        provision(it, ctl, cid)
        use(it, ctl, machine, cid)
        restart(it, ctl, machine)
        unit_attention(it, ctl, machine)


if __name__ == "__main__":
    bed.main("f", run)
