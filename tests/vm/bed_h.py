#!/usr/bin/env python3
"""Bed H: the same packages and the same unit on a whole system with the kernel's own MMC driver.

Only here: the udev rule, the device filter, the order of a real boot, and a chip whose driver comes late or goes away.
"""

from lib import bed, emmc, installed, sandbox, system_disk
from lib.bed import Bed
from lib.installed import Installed, client
from lib.machine import Machine

TEXT = "kept in an eMMC behind the kernel's driver"
CLIENTS = client("root", "admin store") + client("alice", "store keys counters evidence")
DRIVER = "/sys/bus/pci/drivers/sdhci-pci"


def install(it: Bed, host: Machine, service: Installed) -> None:
    service.install()
    owner = host.run(f"stat --format='%A %U %G' {emmc.NODE}").strip()
    it.check_equal(owner, "crw-rw---- root rpmb", "the udev rule gives the node to the group rpmb, and to nobody else")
    service.configure("rpmbd.d/clients.toml", CLIENTS)
    host.run("rpmbd-provision create")
    status = service.restart()
    it.check_equal((status["problem"], status["chip"]["cid"]), ("not_provisioned", emmc.CID.hex()),
                   "from its sandbox, the unit finds the chip through sysfs and reaches it")
    it.say(f"root secret from {status['chip']['root_source']}")


def use(it: Bed, host: Machine, service: Installed) -> None:
    service.run(f"chip provision --cid {emmc.CID.hex()} --root-backup none-accepted --yes")
    it.check_equal(service.status()["state"], "ready", "provisioned")
    service.run("store put note", user="alice", stdin=TEXT)
    it.check_equal(service.run("store get note", user="alice"), TEXT, "an ordinary user's object comes back")
    service.sign_and_prove(it, "alice")


def device_filter(it: Bed, host: Machine, service: Installed) -> None:
    """Opens devices as root, but in the unit's control group: what its device filter says, and nothing else."""
    group = "/sys/fs/cgroup" + service.unit.property("ControlGroup")

    def opened(node: str) -> bool:
        return host.attempt(f"sh -c 'echo $$ > {group}/cgroup.procs; exec 3< {node}'").status == 0

    it.check(opened(emmc.NODE), f"the unit's device filter lets {emmc.NODE} through")
    for node in ("/dev/mmcblk0", "/dev/mmcblk0boot0", "/dev/vda", "/dev/kmsg"):
        it.check(not opened(node), f"and not {node}")


def late_chip(it: Bed, host: Machine, service: Installed) -> None:
    process = service.unit.process()
    slot = host.run(f"ls -d {DRIVER}/0000:* | xargs -n1 basename").strip()
    host.run(f"echo {slot} > {DRIVER}/unbind")
    service.attempt("store put note", user="alice", stdin="there is no chip now")
    service.wait_for(lambda status: status["state"] == "unavailable", "a lost chip is not noticed")
    it.say(f"ok: the chip's driver is taken away: {service.status()['problem']}")
    host.run(f"echo {slot} > {DRIVER}/bind")
    service.wait_for(lambda status: status["state"] == "ready", "the chip's return is not noticed")
    it.check_equal(service.run("store get note", user="alice"), TEXT, "the chip comes back, and so does the service")
    it.check_equal(service.unit.process(), process, "in the same process")


def reboot(it: Bed, host: Machine, service: Installed) -> None:
    host.begin("systemctl --no-block reboot")
    host.wait_until_up()
    status = service.settled()
    it.check_equal(status["state"], "ready", "after a reboot the unit has started by itself and reached the chip")
    it.check_equal(service.run("store get note", user="alice"), TEXT, "and the object is there")


def run(it: Bed) -> None:
    root = installed.root_folder(it)
    card = it.work / "card.img"
    emmc.create_image(card)
    with system_disk.machine(it, root, emmc.MODULES) as host:
        host.start([*system_disk.devices(it), *emmc.devices(card)])
        it.say("the machine is up")
        service = Installed(host)
        install(it, host, service)
        use(it, host, service)
        device_filter(it, host, service)
        sandbox.check_process(it, host, service.unit, sandbox.RPMBD)
        sandbox.check_memory(it, host, service.unit)
        sandbox.check_exposure(it, host, service.unit, sandbox.RPMBD)
        late_chip(it, host, service)
        reboot(it, host, service)


bed.main("h", run)
