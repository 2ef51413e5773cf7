"""Unmodified mmc-utils in the guest: what another RPMB host sees on the chip, and what it may do to it."""

import base64
import pathlib
import re

from lib.machine import Machine


class MmcUtils:
    PROGRAM = pathlib.Path("/usr/bin/mmc")

    def __init__(self, machine: Machine, node: str):
        self._machine = machine
        self._node = node

    def has_no_key(self) -> bool:
        """Whether the chip answers a counter read with result 7, "key not yet programmed"."""
        return "0x0007" in self._machine.attempt(f"mmc rpmb read-counter {self._node}").output

    def counter(self) -> int:
        output = self._machine.run(f"mmc rpmb read-counter {self._node}")
        return int(re.search(r"Counter value: (0x[0-9a-f]+)", output)[1], 16)

    def read_block(self, address: int, key: bytes) -> bytes:
        """Fails unless the answer authenticates with `key`."""
        self._put("/tmp/key", key)
        return base64.b64decode(
            self._machine.run(f"mmc rpmb read-block {self._node} {address:#x} 1 - /tmp/key | base64 -w 0")
        )

    def write_key(self, key: bytes) -> None:
        self._put("/tmp/key", key)
        self._machine.run(f"mmc rpmb write-key {self._node} /tmp/key")

    def write_block(self, address: int, content: bytes, key: bytes) -> None:
        self._put("/tmp/key", key)
        self._put("/tmp/block", content)
        self._machine.run(f"mmc rpmb write-block {self._node} {address:#x} /tmp/block /tmp/key")

    def _put(self, path: str, content: bytes) -> None:
        self._machine.run(f"echo {base64.b64encode(content).decode()} | base64 -d > {path}")
