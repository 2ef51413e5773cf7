"""What the unit's sandbox does to the running process."""

import re

from lib.bed import Bed
from lib.installed import Installed

EXPOSURE_LIMIT = 0.6


def check_exposure(it: Bed, host) -> None:
    line = host.run("systemd-analyze security --no-pager rpmbd.service").strip().splitlines()[-1]
    exposure = float(re.search(r"([0-9.]+) [A-Z]+", line)[1])
    it.check(exposure <= EXPOSURE_LIMIT, f"systemd-analyze security: {exposure}, at most {EXPOSURE_LIMIT}")


def check_process(it: Bed, host, service: Installed) -> None:
    process = service.process()
    status = dict(
        line.split(":\t", 1) for line in host.run(f"cat /proc/{process}/status").splitlines() if ":\t" in line
    )
    rpmbd = host.run("id --user rpmbd").strip()
    it.check_equal(set(status["Uid"].split()), {rpmbd}, "the daemon runs as rpmbd")
    it.check_equal(status["NoNewPrivs"], "1", "it can gain no privileges")
    it.check_equal(status["Seccomp"], "2", "its system calls are filtered")
    capabilities = {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")}
    it.check_equal(capabilities, {0}, "it has no capability and can have none")

    for namespace in ("net", "mnt", "user"):
        ours, its = (host.run(f"readlink /proc/{pid}/ns/{namespace}") for pid in (1, process))
        it.check(ours != its, f"it has a {namespace} namespace of its own")

    limits = host.run(f"cat /proc/{process}/limits")
    it.check(re.search(r"^Max core file size +0 +0 ", limits, re.M), "it leaves no core dump")
    owner = host.run(f"stat --format=%U /proc/{process}/environ").strip()
    it.check_equal(owner, "root", "and is not dumpable: its memory is closed even to its own user")


def check_memory(it: Bed, host, service: Installed) -> None:
    """Not in a container: a limit of the host, which the container cannot lift, applies there."""
    locked = host.run(f"grep ^VmLck: /proc/{service.process()}/status").split()[1]
    it.check(int(locked) > 0, f"its memory stays out of swap ({locked} KiB locked)")
