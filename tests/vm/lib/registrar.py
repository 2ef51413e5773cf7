"""activationd in a guest, over TLS on its loopback, and the device's registration with it."""

import pathlib
import subprocess
import tempfile
import time

from lib.bed import Bed
from lib.machine import GuestFailure, Machine
from lib.rpmbd import Rpmbd

URL = "https://127.0.0.1:8443"
CONFIG = "/etc/signet/activationd.toml"
STATE = "/var/lib/signet/activationd"
START_TIMEOUT = 60  # seconds

_CONFIG = f"""
[registrar]
url = "{URL}"
[listen]
address = "127.0.0.1"
port = 8443
certificate = "/etc/signet/tls.crt"
key = "/etc/signet/tls.key"
"""

# For rpmbd: what it believes of its registrar, in files that `activationd export` writes.
TRUST = f"""
[registrar]
url = "{URL}"
ca = "/etc/signet/registrar-ca.pem"
escrow = "/etc/signet/registrar-escrow.pem"
tls_ca = "/etc/signet/tls.crt"
"""


def program(bed: Bed) -> pathlib.Path:
    return bed.built("daemons/activationd/activationd")


def files() -> dict[str, bytes]:
    """Configuration and TLS certificate; the guest has nothing to make one with."""
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = pathlib.Path(directory, "key"), pathlib.Path(directory, "crt")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        return {
            CONFIG.lstrip("/"): _CONFIG.encode(),
            "etc/signet/tls.crt": certificate.read_bytes(),
            "etc/signet/tls.key": key.read_bytes(),
        }


class Registrar:
    """The daemon of one machine, with its keys and credentials new."""

    def __init__(self, machine: Machine, ctl: Rpmbd):
        self._machine = machine
        self._ctl = ctl

    def start(self) -> None:
        # The guest's clock is whatever its hardware says; certificates are of today.
        self._machine.run(f"date -s @{int(time.time())}; ip link set lo up; chmod 600 /etc/signet/tls.key")
        self._machine.run(f"mkdir -p {STATE} && chmod 700 {STATE} && activationd init")
        self._machine.run("activationd export ca > /etc/signet/registrar-ca.pem")
        self._machine.run("activationd export escrow > /etc/signet/registrar-escrow.pem")
        for role in ("vendor", "verifier", "operator"):
            self._machine.run(f"activationd credential add {role} --role {role} --output /run/{role}")
        self._machine.run("activationd > /run/activationd.log 2>&1 &")
        deadline = time.monotonic() + START_TIMEOUT
        while self.attempt("verifier", "ca -o /run/ca.pem").status != 0:
            if time.monotonic() > deadline:
                raise GuestFailure("activationd does not answer: " + self._machine.run("cat /run/activationd.log"))
            time.sleep(0.2)

    def attempt(self, role: str, arguments: str):
        """`signetctl registrar` with the credential of that role."""
        options = f"--url {URL} --ca /etc/signet/tls.crt --credential-file /run/{role}"
        return self._ctl.attempt(f"--json registrar {options} {arguments}")

    def run(self, role: str, arguments: str) -> str:
        finished = self.attempt(role, arguments)
        if finished.status != 0:
            raise GuestFailure(f"signetctl registrar {arguments}: status {finished.status}: {finished.output}")
        return finished.output
