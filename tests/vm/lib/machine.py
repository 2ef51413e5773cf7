"""A virtual machine: starts, runs commands in the guest, and dies in the ways the beds need."""

import base64
import dataclasses
import pathlib
import re
import socket
import subprocess
import tempfile
import time

from lib import qemu
from lib.channel import Channel, ChannelClosed
from lib.qmp import Qmp

BOOT_TIMEOUT = 120  # seconds; 2 on an idle machine
COMMAND_TIMEOUT = 120


class GuestFailure(Exception):
    """The guest does not do what a bed relies on."""


@dataclasses.dataclass
class Finished:
    """A command that has ended in the guest. `output` holds its standard output and error together."""

    status: int
    output: str


class Machine:
    """QEMU without acceleration, with the guest's console, the command agent of guest/init and the control socket.

    A context manager; leaving it kills QEMU.
    """

    def __init__(self, cache: pathlib.Path, initramfs: pathlib.Path, logs: pathlib.Path, memory: int = 256):
        self._kernel = cache / "kernel/vmlinux"
        self._cache = cache
        self._initramfs = initramfs
        self._logs = logs
        self._memory = memory
        self._process: subprocess.Popen | None = None
        self._commands = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self, devices: list[str]) -> None:
        """Starts QEMU and waits until the guest takes commands."""
        self.launch(devices)
        self.wait_until_up()

    def launch(self, devices: list[str]) -> None:
        """Starts QEMU. `devices`: further arguments for its command line."""
        self._logs.mkdir(parents=True, exist_ok=True)
        # Unix socket paths are limited to 107 octets, so they do not go beside the logs.
        with tempfile.TemporaryDirectory(prefix="signet-vm-") as directory:
            listeners = {name: _listen(f"{directory}/{name}") for name in ("console", "agent", "control")}
            self._process = subprocess.Popen(
                [*qemu.command(self._cache), *self._arguments(directory), *devices],
                env=qemu.environment(self._cache),
                stdin=subprocess.DEVNULL,
                stdout=(self._logs / "qemu.log").open("ab"),
                stderr=subprocess.STDOUT,
            )
            channels = {name: self._accept(name, listener) for name, listener in listeners.items()}
        self.console = channels["console"]
        self._agent = channels["agent"]
        self._control = Qmp(channels["control"])

    def wait_until_up(self) -> None:
        """Waits until the guest's agent reports that a boot is complete."""
        self._expect(re.compile(r"^agent ready$"), BOOT_TIMEOUT, "the guest does not come up")

    def attempt(self, script: str, timeout: float = COMMAND_TIMEOUT) -> Finished:
        """Runs a shell script in the guest and returns how it ended."""
        self.begin(script)
        return self.finish(timeout)

    def run(self, script: str, timeout: float = COMMAND_TIMEOUT) -> str:
        """Runs a shell script that has to succeed; returns what it printed."""
        finished = self.attempt(script, timeout)
        if finished.status != 0:
            raise GuestFailure(f"`{script}` ended with status {finished.status} in the guest: {finished.output}")
        return finished.output

    def begin(self, script: str) -> None:
        """Sends a shell script to the guest and returns while it runs."""
        self._commands += 1
        octets = base64.b64encode(script.encode()).decode()
        self._request = f"{self._commands} {len(octets)} {octets}"
        self._agent.send_line(self._request)

    def finish(self, timeout: float = COMMAND_TIMEOUT) -> Finished:
        """Waits for the script that was begun last."""
        pattern = re.compile(rf"^done {self._commands} (\d+) (\S*)$|^again$")
        while (match := self._expect(pattern, timeout, "a command in the guest does not end"))[0] == "again":
            self._agent.send_line(self._request)
        return Finished(int(match[1]), base64.b64decode(match[2]).decode(errors="replace"))

    def reset(self) -> None:
        """A power cut of the guest: it stops in mid-instruction and boots anew; QEMU and its devices live on."""
        self._control.execute("system_reset")

    def kill(self) -> None:
        """A power cut of guest and devices."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        for channel in (self.console, self._agent):
            try:
                channel.drain()
            except ChannelClosed:
                pass
            channel.close()

    def _arguments(self, directory: str) -> list[str]:
        # Never -accel kvm: a /dev/kvm that is there and hangs would stop every test. rdrand lets the guest's random
        # numbers start at once.
        return [
            *"-accel tcg -cpu qemu64,+rdrand -smp 1 -nodefaults -display none".split(),
            *("-m", str(self._memory), "-kernel", str(self._kernel), "-initrd", str(self._initramfs)),
            *("-append", "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check cryptomgr.notests"),
            *("-chardev", f"socket,id=console,path={directory}/console", "-serial", "chardev:console"),
            *("-chardev", f"socket,id=agent,path={directory}/agent", "-serial", "chardev:agent"),
            *("-chardev", f"socket,id=control,path={directory}/control", "-mon", "chardev=control,mode=control"),
        ]

    def _accept(self, name: str, listener: socket.socket) -> Channel:
        with listener:
            while True:
                try:
                    connection, _ = listener.accept()
                    return Channel(connection, (self._logs / f"{name}.log").open("ab"))
                except TimeoutError:
                    if self._process.poll() is not None:
                        raise GuestFailure(f"QEMU does not start: {(self._logs / 'qemu.log').read_text()}") from None

    def _expect(self, pattern: re.Pattern, timeout: float, complaint: str) -> re.Match:
        deadline = time.monotonic() + timeout
        while True:
            line = self._agent.read_line(deadline - time.monotonic())
            if line is None:
                raise GuestFailure(f"{complaint} within {timeout} s; see {self._logs}")
            if match := pattern.search(line):
                return match


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    listener.settimeout(1)
    return listener
