"""The frame of every bed: where things are, what is reported, and the exit status."""

import os
import pathlib
import random
import shutil
import sys
import time
from collections.abc import Callable

from lib import initramfs
from lib.machine import Machine

SKIPPED = 77  # CTest's SKIP_RETURN_CODE

_VM = pathlib.Path(__file__).resolve().parent.parent


class Skip(Exception):
    """The bed cannot run here; the text says why."""


class CheckFailed(Exception):
    """What the bed exists to show is not so."""


class Bed:
    """Paths of one bed and its report on standard output."""

    def __init__(self, name: str, needs: tuple[str, ...]):
        self.cache = pathlib.Path(os.environ.get("SIGNET_VM", _VM.parent.parent / ".cache/vm"))
        self.build = pathlib.Path(os.environ.get("SIGNET_BUILD", _VM.parent.parent / "build/release"))
        self.work = self.build / "vm" / name
        self._begin = time.monotonic()
        obstacle = self.cache / "obstacle"
        if "qemu" in needs and obstacle.exists():
            raise Skip(obstacle.read_text().strip())
        for part in needs:
            obstacle = self.cache / f"{part}.obstacle"
            if obstacle.exists():
                raise Skip(obstacle.read_text().strip())
            if not (self.cache / part / "ok").exists():
                raise Skip(f"no {part} in {self.cache}; ./dev vm fetches it")
        seed = int(os.environ.get("SIGNET_SEED", time.time_ns() % 1_000_000))
        self.random = random.Random(seed)  # for where power is cut; SIGNET_SEED chooses the same places again
        print(f"bed {name}, SIGNET_SEED={seed}", flush=True)
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._begin:6.1f} s] {text}", flush=True)

    def check(self, condition: object, text: str) -> None:
        """Reports `text` as shown, or ends the bed."""
        if not condition:
            raise CheckFailed(text)
        self.say(f"ok: {text}")

    def check_equal(self, actual: object, expected: object, text: str) -> None:
        if actual != expected:
            raise CheckFailed(f"{text}: expected {expected!r}, got {actual!r}")
        self.say(f"ok: {text}")

    def built(self, path: str) -> pathlib.Path:
        """A program of the build; `path` is relative to the build directory."""
        program = self.build / path
        if not program.exists():
            raise CheckFailed(f"{program} is not built")
        return program

    def guest(self, name: str) -> pathlib.Path:
        """A file of guest/."""
        return _VM / "guest" / name

    def machine(
        self, modules: list[str], programs: list[pathlib.Path], files: dict[str, bytes], name: str = "machine"
    ) -> Machine:
        """A machine with the files of guest/, the given modules and programs; not started. `name` is for its logs."""
        image = self.work / f"{name}.initramfs"
        initramfs.build(
            image,
            self.cache / "kernel",
            modules,
            [*programs, self.guest("start-bus"), self.guest("start-rpmbd"), self.guest("agent")],
            {
                "init": self.guest("init").read_bytes(),
                "etc/passwd": self.guest("passwd").read_bytes(),
                "etc/group": self.guest("group").read_bytes(),
                "etc/signet/system-bus.conf": self.guest("system-bus.conf").read_bytes(),
                **files,
            },
        )
        return Machine(self.cache, image, self.work / "logs" / name)


def main(name: str, run: Callable[[Bed], None], needs: tuple[str, ...] = ("qemu", "kernel")) -> None:
    """Runs a bed and exits with what CTest and ./dev vm expect: 0, 1, or 77 with the reason. `needs`: parts of the
    cache."""
    try:
        run(Bed(name, needs))
    except Skip as reason:
        print(f"SKIPPED: {reason}")
        sys.exit(SKIPPED)
    except Exception as failure:  # whatever it is, it is this bed's result
        print(f"FAIL: {failure}", flush=True)
        if not isinstance(failure, CheckFailed):
            raise
        sys.exit(1)
    print(f"PASS: bed {name}")
