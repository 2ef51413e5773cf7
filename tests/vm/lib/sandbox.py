"""What a unit's sandbox does to the running process."""

import dataclasses
import re

from lib.bed import Bed
from lib.unit import Unit

CAP_NET_ADMIN = 12  # Linux, include/uapi/linux/capability.h


@dataclasses.dataclass(frozen=True)
class Sandbox:
    user: str
    exposure: float  # the most that systemd-analyze security may say
    capability: int | None  # the only one, if there is one
    own_namespaces: tuple[str, ...]  # of net, mnt and user; the others are the host's


RPMBD = Sandbox("rpmbd", 0.6, None, ("net", "mnt", "user"))
# The kernel's Bluetooth management is in the host's network namespace and wants the capability there.
FMDND = Sandbox("fmdnd", 1.5, CAP_NET_ADMIN, ("mnt",))


def check_exposure(it: Bed, host, unit: Unit, expected: Sandbox) -> None:
    line = host.run(f"systemd-analyze security --no-pager {unit.name}.service").strip().splitlines()[-1]
    exposure = float(re.search(r"([0-9.]+) [A-Z]+", line)[1])
    it.check(exposure <= expected.exposure, f"systemd-analyze security {unit.name}: {exposure}, at most {expected.exposure}")


def check_process(it: Bed, host, unit: Unit, expected: Sandbox) -> None:
    process = unit.process()
    status = dict(
        line.split(":\t", 1) for line in host.run(f"cat /proc/{process}/status").splitlines() if ":\t" in line
    )
    user = host.run(f"id --user {expected.user}").strip()
    it.check_equal(set(status["Uid"].split()), {user}, f"the daemon runs as {expected.user}")
    it.check_equal(status["NoNewPrivs"], "1", "it can gain no privileges")
    it.check_equal(status["Seccomp"], "2", "its system calls are filtered")
    _check_capabilities(it, status, expected.capability)

    for namespace in ("net", "mnt", "user"):
        ours, its = (host.run(f"readlink /proc/{pid}/ns/{namespace}") for pid in (1, process))
        own = namespace in expected.own_namespaces
        it.check_equal(ours != its, own, f"its {namespace} namespace is {'its own' if own else 'that of the system'}")

    limits = host.run(f"cat /proc/{process}/limits")
    it.check(re.search(r"^Max core file size +0 +0 ", limits, re.M), "it leaves no core dump")
    owner = host.run(f"stat --format=%U /proc/{process}/environ").strip()
    it.check_equal(owner, "root", "and is not dumpable: its memory is closed even to its own user")


def check_memory(it: Bed, host, unit: Unit) -> None:
    """Not in a container: a limit of the host, which the container cannot lift, applies there."""
    locked = host.run(f"grep ^VmLck: /proc/{unit.process()}/status").split()[1]
    it.check(int(locked) > 0, f"its memory stays out of swap ({locked} KiB locked)")


def _check_capabilities(it: Bed, status: dict[str, str], capability: int | None) -> None:
    mask = 0 if capability is None else 1 << capability
    text = "it has no capability" if capability is None else f"it has capability {capability} alone"
    held = {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")}
    it.check_equal((held, int(status["CapAmb"], 16)), ({mask}, 0), f"{text}, can have no other and passes none on")
