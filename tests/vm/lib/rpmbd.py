"""rpmbd in a guest, and signetctl as its user."""

import base64
import json
import pathlib
import shlex
import time

from lib.bed import Bed
from lib.machine import Finished, GuestFailure, Machine

START_TIMEOUT = 60  # seconds; a second under emulation

_CLIENT = """
[[client]]
user = "{user}"
namespace = "{user}"
rights = ["store", "keys", "counters", "evidence"{admin}]
objects = 100
bytes = 100000
keys = 16
writes_per_day = 10000000
"""


def programs(bed: Bed) -> list[pathlib.Path]:
    """What a guest needs to run rpmbd and to talk to it."""
    return [
        pathlib.Path("/usr/bin/dbus-daemon"),
        bed.built("daemons/rpmbd/rpmbd"),
        bed.built("clients/signetctl/signetctl"),
        bed.built("tests/vm/object_loop"),
    ]


def files(chip: str, root_secret: bytes | None, more: str = "") -> dict[str, bytes]:
    """rpmbd's configuration and root secret. `chip`: the lines of its [chip] table; `more`: further tables. Wear limits
    are out of the way: a bed writes more in a minute than a device in a year."""
    config = f"[chip]\n{chip}\n[wear]\nwrites_per_day = 100000000\n"
    config += _CLIENT.format(user="root", admin=', "registration", "tickets", "admin"') + _CLIENT.format(user="alice", admin="")
    config += more
    result = {"etc/signet/rpmbd.toml": config.encode()}
    if root_secret is not None:
        result["etc/signet/root-secret"] = root_secret
    return result


class Rpmbd:
    """The daemon of one machine. After a power cut of the machine it has to be started again."""

    def __init__(self, machine: Machine):
        self._machine = machine
        self.environment = ""  # what it is to find there, in words of the guest's shell
        self.pid = 0

    def start(self, user: str = "rpmbd") -> dict:
        """Starts bus and daemon; returns the status once the daemon has looked at its chip."""
        self.pid = int(self._machine.run(f"{self.environment} start-rpmbd {user}"))
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            finished = self.attempt("--json status")
            if finished.status == 0 and (status := json.loads(finished.output))["state"] != "starting":
                return status
            if self._machine.attempt(f"kill -0 {self.pid}").status != 0:
                break
        raise GuestFailure(f"rpmbd does not start: {finished.output}{self.log()}")

    def stop(self) -> None:
        """Ends the daemon as systemd would, and waits until it is gone."""
        self._machine.run(f"kill {self.pid}; while kill -0 {self.pid} 2>/dev/null; do sleep 0.05; done")

    def attempt(self, arguments: str, user: str = "root", stdin: str = "") -> Finished:
        """Runs signetctl as `user`; `stdin` is text."""
        command = f"signetctl {arguments}"
        if stdin:
            command = f"printf %s {shlex.quote(stdin)} | {command}"
        if user != "root":
            command = f"su {user} -c {shlex.quote(command)}"
        return self._machine.attempt(command)

    def run(self, arguments: str, user: str = "root", stdin: str = "") -> str:
        """The same for a command that has to succeed."""
        finished = self.attempt(arguments, user, stdin)
        if finished.status != 0:
            raise GuestFailure(f"signetctl {arguments}: status {finished.status}: {finished.output}")
        return finished.output

    def json(self, arguments: str) -> dict:
        return json.loads(self.run(f"--json {arguments}"))

    def status(self) -> dict:
        return self.json("status")

    def evidence(self, data: str) -> bytes:
        """Evidence over `data` for the namespace of root."""
        self.run("evidence get -o /tmp/evidence --force", stdin=data)
        return base64.b64decode(self._machine.run("base64 /tmp/evidence; rm /tmp/evidence"))

    def log(self) -> str:
        return self._machine.run("cat /run/rpmbd.log")
