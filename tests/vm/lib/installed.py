"""The packages on a whole system: what the container and the machine have in common."""

import json
import pathlib
import shutil
import subprocess
import time

from lib.bed import Bed, Skip
from lib.machine import GuestFailure
from lib.rpmbd import Rpmbd
from lib.unit import Unit

PACKAGES = "/root/packages"  # in the root folder
STATE = "/var/lib/signet/rpmbd"

_RUNTIME_PACKAGES = ("rpmbd", "libsignet0", "signetctl")


def root_folder(it: Bed, more: tuple[str, ...] = ()) -> pathlib.Path:
    """A copy of the root folder with the built packages in it, not yet installed: those of rpmbd, and `more`."""
    origin, packages = it.cache / "system", it.build.parent / "packages"
    if not (origin / "packages").exists():
        raise Skip(f"no root folder in {origin}; ./dev vm makes it")
    if not packages.exists():
        raise Skip(f"no packages in {packages}; ./dev package builds them")
    root = it.work / "root"
    subprocess.run(["cp", "-a", "--reflink=auto", origin, root], check=True)
    (root / PACKAGES.lstrip("/")).mkdir()
    for name in (*_RUNTIME_PACKAGES, *more):
        (package,) = packages.glob(f"{name}_*.deb")
        shutil.copy(package, root / PACKAGES.lstrip("/"))
    return root


class Installed(Rpmbd):
    """rpmbd as a unit of systemd. The host is a Container or a Machine."""

    def __init__(self, host):
        super().__init__(host)
        self._host = host
        self.unit = Unit(host, "rpmbd")

    def install(self) -> None:
        self._host.run(f"dpkg --install {PACKAGES}/*.deb")
        for user in ("alice", "bob", "carol"):
            self._host.run(f"id {user} 2>/dev/null || useradd --create-home {user}")

    def configure(self, name: str, text: str) -> None:
        """Writes /etc/signet/NAME and lets the daemon take it in."""
        self._host.run(f"cat > /etc/signet/{name} <<'EOF'\n{text}EOF\nrpmbd --check-config")
        self.restart()

    def start(self, user: str = "rpmbd") -> dict:
        self._host.run("systemctl start rpmbd")
        return self.settled()

    def stop(self) -> None:
        self._host.run("systemctl stop rpmbd")

    def restart(self) -> dict:
        self._host.run("systemctl reset-failed rpmbd; systemctl restart rpmbd")
        return self.settled()

    def settled(self) -> dict:
        """The status once the daemon has looked at its chip."""
        return self.wait_for(lambda status: status["state"] != "starting", "rpmbd does not look at its chip")

    def wait_for(self, condition, complaint: str, timeout: float = 60) -> dict:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            finished = self.attempt("--json status")
            if finished.status == 0 and condition(status := json.loads(finished.output)):
                return status
            time.sleep(0.2)
        raise GuestFailure(f"{complaint}: {finished.output}{self.log()}")

    def sign_and_prove(self, it: Bed, user: str) -> None:
        """A key signs and verifies, the chip gives evidence; objects are the bed's own affair."""
        self.run("key generate k", user)
        self.run("sign k -o /tmp/signature", user, stdin="data")
        self.run("verify k --signature /tmp/signature", user, stdin="data")
        self.run("evidence get -o /tmp/evidence", user, stdin="fresh")
        self.run("evidence verify --frames /tmp/evidence", user, stdin="fresh")
        it.say("ok: a key signs and verifies, evidence is given and checked")

    def log(self) -> str:
        return self.unit.log()


def client(user: str, rights: str, extra: str = "") -> str:
    """A [[client]] entry of the policy."""
    listed = ", ".join(f'"{right}"' for right in rights.split())
    return f'[[client]]\nuser = "{user}"\nnamespace = "{user}"\nrights = [{listed}]\n{extra}'
