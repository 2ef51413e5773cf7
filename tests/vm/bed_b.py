#!/usr/bin/env python3
"""Bed B: the Debian packages in a container with its own systemd, on the emulated chip.

Only here: installation, upgrade and removal; the unit in its sandbox; activation by the bus; the root secret as a systemd
credential, plain and encrypted; the watchdog. Not here: a kernel driver, udev and the device filter (bed H).
"""

import json
import time

from lib import bed, installed, sandbox
from lib.bed import Bed
from lib.container import Container
from lib.installed import STATE, Installed, client

TEXT = "kept through restarts, upgrades and reboots"
ACCESS_DENIED = 8  # exit status: the code of the error

EMULATOR = f"""
[chip]
transport = "emulator"

[emulator]
file = "{STATE}/chip"
"""
CLIENTS = (
    client("root", "admin store")
    + client("alice", "store keys counters evidence")
    + client("carol", "store", 'unit = "teller.service"\n')
)
WATCHDOG = 2  # seconds


def install(it: Bed, host: Container, service: Installed) -> None:
    service.install()
    it.check_equal(host.run("systemctl is-enabled rpmbd; systemctl is-active rpmbd").split(), ["enabled", "active"],
                   "the package enables and starts the unit")
    it.check_equal(host.run("id --name --user rpmbd; id --name --groups rpmbd").split()[::2], ["rpmbd", "rpmb"],
                   "its user is there, in the group of the RPMB nodes")
    it.check_equal(service.attempt("status").status, ACCESS_DENIED, "without a policy entry not even root gets an answer")


def without_a_secret(it: Bed, host: Container, service: Installed) -> None:
    service.configure("rpmbd.d/clients.toml", CLIENTS)
    it.check_equal(service.status()["problem"], "no_chip", "without a chip it keeps its name and says so")
    service.configure("rpmbd.toml", EMULATOR)
    status = service.status()
    it.check_equal(status["problem"], "root_secret_missing", "without a root secret it keeps its name and says so")
    it.check("rpmbd-provision" in status["remedy"], f"and what to do: {status['remedy']}")
    line = service.unit.journal("root_secret_missing")
    it.check_equal([line.get(field) for field in ("SIGNET_CID", "SYSLOG_IDENTIFIER", "PRIORITY")],
                   [status["chip"]["cid"], "rpmbd", "3"], "the journal is searched for the error, and names the chip")
    it.check("the root secret is missing" in line["MESSAGE"], f"in words: {line['MESSAGE']}")


def provision(it: Bed, host: Container, service: Installed) -> None:
    made = json.loads(host.run("rpmbd-provision --json create --to encrypted 2>/dev/null"))  # systemd-creds warns there
    status = service.restart()
    it.check_equal(status["problem"], "not_provisioned", "an encrypted root secret reaches the unit")
    it.check("signet-root-encrypted" in status["chip"]["root_source"], f"from {status['chip']['root_source']}")

    plan = service.json("chip provision --dry-run")["plan"]
    it.check_equal((plan["refusals"], plan["root_check"]), ([], made["root_check"]), "the dry run has no objection")
    host.run("rpmbd-provision backup /root/backup")
    service.run(f"chip provision --cid {plan['cid']} --root-backup /root/backup --yes")
    it.check_equal(service.status()["state"], "ready", "provisioned, with a proof of the backup")

    host.run("rm /etc/credstore.encrypted/signet-root-encrypted; rpmbd-provision restore /root/backup --to credstore")
    status = service.restart()
    it.check_equal(status["state"], "ready", "the backup restored as a plain credential opens the same chip")
    it.check(status["chip"]["root_source"].endswith("signet-root"), f"from {status['chip']['root_source']}")


def use(it: Bed, host: Container, service: Installed) -> None:
    service.stop()
    service.run("store put note", user="alice", stdin=TEXT)
    it.check_equal(service.unit.property("ActiveState"), "active", "the call of an ordinary user starts the stopped service")
    it.check_equal(service.run("store get note", user="alice"), TEXT, "an object comes back")
    service.sign_and_prove(it, "alice")


def policy(it: Bed, host: Container, service: Installed) -> None:
    for command in ("status", "store ls", "chip counter", "store get note"):
        it.check_equal(service.attempt(command, user="bob").status, ACCESS_DENIED, f"a user without an entry: {command}")
    it.check_equal(service.unit.journal("access_denied").get("SIGNET_UID"), host.run("id --user bob").strip(),
                   "the journal names who was denied")
    it.check_equal(service.attempt("chip counter", user="alice").status, ACCESS_DENIED, "a user who is no administrator")

    it.check_equal(service.attempt("store ls", user="carol").status, ACCESS_DENIED, "an entry for a unit, from outside of it")
    host.run("systemd-run --quiet --wait --pipe --uid=carol --unit=teller signetctl store ls")
    it.say("ok: and from the unit")

    taking = "busctl call org.freedesktop.DBus / org.freedesktop.DBus RequestName su org.signet.Rpmb1 0"
    service.stop()
    refusal = host.attempt(f"su bob -c '{taking}'")
    it.check(refusal.status != 0 and "Access denied" in refusal.output, "nobody else can take the service's name")
    service.start()


def reload(it: Bed, host: Container, service: Installed) -> None:
    process = service.unit.process()
    for entry, status, text in ((client("bob", "store"), 0, "a new entry holds"), ("", ACCESS_DENIED, "a withdrawn one does not")):
        host.run(f"cat > /etc/signet/rpmbd.d/bob.toml <<'EOF'\n{entry}EOF\nsystemctl reload rpmbd")
        service.wait_for(lambda _: service.attempt("store ls", user="bob").status == status, f"not so after a reload: {text}")
        it.say(f"ok: after systemctl reload {text}")
    it.check_equal(service.unit.process(), process, "in the same process")


def drop_in_for_ufs(it: Bed, host: Container, service: Installed) -> None:
    """That systemd takes it and the unit starts with it: there is no UFS chip here."""
    folder = "/etc/systemd/system/rpmbd.service.d"
    host.run(f"mkdir -p {folder}; cp /usr/share/signet/rpmbd-ufs.conf {folder}; systemctl daemon-reload")
    it.check_equal(service.restart()["state"], "ready", "the unit starts with the drop-in for UFS")
    it.check("char-sg rw" in service.unit.property("DeviceAllow"), "which lets generic SCSI nodes through its device filter")
    host.run(f"rm -r {folder}; systemctl daemon-reload")
    service.restart()


def watchdog(it: Bed, host: Container, service: Installed) -> None:
    it.check(service.unit.property("WatchdogUSec") not in ("0", "infinity"), f"watchdog: {service.unit.property('WatchdogUSec')}")
    drop_in = "/run/systemd/system/rpmbd.service.d"
    host.run(f"mkdir -p {drop_in}; printf '[Service]\\nWatchdogSec={WATCHDOG}\\n' > {drop_in}/test.conf")
    host.run("systemctl daemon-reload")
    service.restart()
    process = service.unit.process()
    time.sleep(3 * WATCHDOG)
    it.check_equal((service.unit.process(), service.unit.property("NRestarts")), (process, "0"),
                   f"with {WATCHDOG} s the same process is alive after {3 * WATCHDOG} s")

    for signal, result in (("STOP", "hangs"), ("KILL", "is killed")):
        process = service.unit.process()
        host.run(f"kill -{signal} {process}")
        status = service.wait_for(lambda _: service.unit.process() not in (0, process), f"no new process after SIG{signal}")
        it.check_equal(service.settled()["state"], "ready", f"a daemon that {result} is started again")
        it.check_equal(service.run("store get note", user="alice"), TEXT, "and has lost nothing")
    host.run(f"rm -r {drop_in}; systemctl daemon-reload")
    service.restart()


def reboot(it: Bed, host: Container, service: Installed) -> None:
    host.stop()
    host.start()
    it.check_equal(service.unit.property("ActiveState"), "active", "after a reboot the service runs")
    it.check_equal(service.run("store get note", user="alice"), TEXT, "and the object is there")


def upgrade(it: Bed, host: Container, service: Installed) -> None:
    process = service.unit.process()
    host.run(f"dpkg --install {installed.PACKAGES}/rpmbd_*.deb")
    it.check(service.unit.process() not in (0, process), "an upgrade restarts the service")
    service.settled()
    it.check_equal(service.run("store get note", user="alice"), TEXT, "with its configuration and the object")


def remove(it: Bed, host: Container, service: Installed) -> None:
    host.run("dpkg --remove rpmbd")
    gone = host.attempt("busctl introspect org.signet.Rpmb1 /org/signet/Rpmb1")
    it.check(gone.status != 0, "removed, the service is not activated any more")
    it.check_equal(host.attempt(f"test -e {STATE}/chip").status, 0, "but its state is there")
    output = host.run("dpkg --purge rpmbd")
    it.check(host.attempt("ls /var/lib/signet /etc/signet/rpmbd.toml").status != 0, "purged, its state is gone")
    it.check("/etc/credstore/signet-root" in output, "the root secret is not, and purge says so")
    host.run("test -e /etc/credstore/signet-root")
    left = host.run("find / -xdev -path /proc -prune -o -path /root -prune -o ( -name '*rpmbd*' -o -name '*Rpmb1*' ) -print"
                    .replace("(", "\\(").replace(")", "\\)"))
    it.check_equal([path for path in left.split() if "/journal" not in path], ["/etc/signet/rpmbd.d"],
                   "what is left is the administrator's")


def run(it: Bed) -> None:
    root = installed.root_folder(it)
    with Container(root, it.work / "console.log") as host:
        host.start()
        it.say("the container is up")
        service = Installed(host)
        install(it, host, service)
        without_a_secret(it, host, service)
        provision(it, host, service)
        use(it, host, service)
        policy(it, host, service)
        reload(it, host, service)
        sandbox.check_process(it, host, service.unit, sandbox.RPMBD)
        sandbox.check_exposure(it, host, service.unit, sandbox.RPMBD)
        drop_in_for_ufs(it, host, service)
        watchdog(it, host, service)
        reboot(it, host, service)
        upgrade(it, host, service)
        remove(it, host, service)


bed.main("b", run, needs=())
