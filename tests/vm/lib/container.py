"""A container with its own systemd, for what needs no kernel of its own: the packages, the unit and its sandbox."""

import os
import pathlib
import shutil
import subprocess
import time

from lib.bed import Skip
from lib.machine import Finished, GuestFailure

BOOT_TIMEOUT = 60  # seconds; 1 on an idle machine
COMMAND_TIMEOUT = 120


class Container:
    """systemd-nspawn on a root folder. A context manager; leaving it ends the container."""

    def __init__(self, root: pathlib.Path, log: pathlib.Path):
        self._root = root
        self._log = log
        self._nspawn: subprocess.Popen | None = None
        self._init = 0  # the container's first process, by the host's number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self) -> None:
        """Boots. Raises Skip when this host does not let a container run."""
        if os.geteuid() != 0 or shutil.which("systemd-nspawn") is None:
            raise Skip("a container needs root and systemd-nspawn")
        # A mount namespace of its own, and neither machined nor a terminal: the host may run without systemd. Its
        # standard input stays open, because the container shuts down at its end.
        self._nspawn = subprocess.Popen(
            "unshare --mount systemd-nspawn --quiet --register=no --keep-unit --console=pipe --boot".split()
            + [f"--directory={self._root}"],
            stdin=subprocess.PIPE,
            stdout=self._log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + BOOT_TIMEOUT
        while not self._is_up():
            if self._nspawn.poll() is not None:
                raise Skip(f"systemd-nspawn does not run here: {self._last_words()}")
            if time.monotonic() > deadline:
                raise GuestFailure(f"the container does not come up within {BOOT_TIMEOUT} s; see {self._log}")
            time.sleep(0.1)

    def attempt(self, script: str, timeout: float = COMMAND_TIMEOUT) -> Finished:
        """Runs a shell script as root in the container and returns how it ended."""
        namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
        finished = subprocess.run(
            ["nsenter", f"--target={self._init}", *namespaces, "env", "-i", f"PATH={_PATH}", "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
        )
        return Finished(finished.returncode, finished.stdout.decode(errors="replace"))

    def run(self, script: str, timeout: float = COMMAND_TIMEOUT) -> str:
        """Runs a shell script that has to succeed; returns what it printed."""
        finished = self.attempt(script, timeout)
        if finished.status != 0:
            raise GuestFailure(f"`{script}` ended with status {finished.status} in the container: {finished.output}")
        return finished.output

    def stop(self) -> None:
        if self._nspawn is None:
            return
        self._nspawn.terminate()  # nspawn kills what runs in the container
        try:
            self._nspawn.wait(10)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        self._nspawn = None

    def _is_up(self) -> bool:
        self._init = _child(self._nspawn.pid)
        state = "systemctl is-system-running"
        return self._init != 0 and self.attempt(state).output.strip() in ("running", "degraded")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it says nothing"


_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _child(parent: int) -> int:
    """The first process whose parent is `parent`; 0 if there is none."""
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            if f"\nPPid:\t{parent}\n" in status.read_text():
                return int(status.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return 0
