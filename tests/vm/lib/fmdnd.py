"""fmdnd in a guest, and signetctl as the owner that speaks to it over the air, from the other controller."""

import base64
import json
import pathlib
import secrets
import shlex
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lib.bed import Bed
from lib.machine import Finished, GuestFailure, Machine

OWNER_KEY = "etc/owner.key"
MODEL = "etc/model.pem"
CONFIG = "etc/signet/fmdnd.toml"
CREDENTIAL = "etc/credstore/fmdnd-anti-spoofing"


def programs(bed: Bed) -> list[pathlib.Path]:
    return [bed.built("daemons/fmdnd/fmdnd")]


class Model:
    """A model of the Fast Pair console: its id and its key pair."""

    def __init__(self, model_id: str = "9266e8"):
        self.id = model_id
        self._key = ec.generate_private_key(ec.SECP256R1())

    def scalar(self) -> bytes:
        """The private key."""
        return self._key.private_numbers().private_value.to_bytes(32, "big")

    def files(self, more: str = "", locator_tag: bool = True, key: str = "etc/signet/anti-spoofing-key") -> dict[str, bytes]:
        """What the device and its owner have to know. `more`: tables for the device's configuration. `key`: where the device has
        its private key; the configuration does not name a credential of systemd."""
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        named = "" if key == CREDENTIAL else f'anti_spoofing_key = "/{key}"\n'
        config = (
            f'[device]\nmodel_id = "{self.id}"\nname = "Tag"\nmanufacturer = "Acme"\nlocator_tag = {str(locator_tag).lower()}\n'
            f'{named}[radio]\nadapter = "hci0"\n{more}'
        )
        return {
            CONFIG: config.encode(),
            key: base64.b64encode(self.scalar()) + b"\n",
            MODEL: public,
            OWNER_KEY: secrets.token_bytes(32),
        }


class Fmdnd:
    def __init__(self, machine: Machine, command: str = "fmdnd"):
        """`command`: the program, with what it is to find in its environment."""
        self._machine = machine
        self._command = command
        self.pid = 0

    def start(self) -> None:
        """Waits until it has read what is stored."""
        self.start_without_store()
        self.wait_for("State", lambda state: state != "starting")

    def start_without_store(self) -> None:
        """Waits until it is on the bus and has tried to read what is stored."""
        self._machine.run("chmod 600 /etc/signet/anti-spoofing-key /etc/owner.key; mkdir -p /var/lib/signet/fmdnd")
        self.pid = int(self._machine.run(f"{self._command} --verbose >> /run/fmdnd.log 2>&1 & echo $!"))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if self.get("State") != "starting" or self.get("Problem"):
                    return
            except GuestFailure:
                pass
            time.sleep(0.1)
        raise GuestFailure(f"fmdnd does not start: {self.log()}")

    def stop(self, signal: str = "TERM") -> None:
        self._machine.run(self.stop_command(signal))

    def stop_command(self, signal: str = "TERM") -> str:
        """For the guest's shell; waits until it has ended."""
        return f"kill -{signal} {self.pid}; while kill -0 {self.pid} 2>/dev/null; do sleep 0.05; done"

    def get(self, name: str):
        finished = self._machine.attempt(
            f"busctl --json=short get-property org.signet.Fmdn1 /org/signet/Fmdn1 org.signet.Fmdn1 {name}")
        if finished.status != 0:
            raise GuestFailure(f"fmdnd does not tell its {name}: {finished.output}{self.log()}")
        return json.loads(finished.output)["data"]

    def wait_for(self, name: str, condition, seconds: float = 60):
        deadline = time.monotonic() + seconds
        value = "no answer"
        while time.monotonic() < deadline:
            try:
                value = self.get(name)
            except GuestFailure:
                pass
            else:
                if condition(value):
                    return value
            time.sleep(0.1)
        raise GuestFailure(f"fmdnd's {name} stays {value!r}: {self.log()}")

    def call(self, method: str, arguments: str = "") -> None:
        self._machine.run(f"busctl call org.signet.Fmdn1 /org/signet/Fmdn1 org.signet.Fmdn1 {method} {arguments}")

    def log(self) -> str:
        return self._machine.run("tail -n 40 /run/fmdnd.log")


class Owner:
    """`signetctl fmdn` on hci1."""

    def __init__(self, machine: Machine, keyring: str = "/tmp/keyring", user: str = "root"):
        """`user`: whose files the keyring and OWNER_KEY are."""
        self._machine = machine
        self._keyring = keyring
        self._user = user

    def command(self, arguments: str) -> str:
        options = f"--keyring {self._keyring} --keyring-key /{OWNER_KEY} --adapter hci1"
        command = f"signetctl --json --timeout 60 fmdn {options} {arguments}"
        return command if self._user == "root" else f"su {self._user} -c {shlex.quote(command)}"

    def attempt(self, arguments: str) -> Finished:
        return self._machine.attempt(self.command(arguments), 180)

    def run(self, arguments: str) -> str:
        finished = self.attempt(arguments)
        if finished.status != 0:
            raise GuestFailure(f"signetctl fmdn {arguments}: status {finished.status}: {finished.output}")
        return finished.output

    def refusal(self, arguments: str) -> str:
        """Why a command fails that has to."""
        finished = self.attempt(arguments)
        if finished.status == 0:
            raise GuestFailure(f"signetctl fmdn {arguments} does not fail: {finished.output}")
        return json.loads(finished.output.splitlines()[-1])["error"]["message"]

    def json(self, arguments: str) -> dict:
        return json.loads(self.run(arguments).splitlines()[-1])
