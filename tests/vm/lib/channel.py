"""Lines from a socket, with a deadline and a log."""

import select
import socket
import time
from typing import BinaryIO


class ChannelClosed(Exception):
    """The other side is gone: QEMU has ended."""


class Channel:
    """One side of a character device of QEMU. Every octet received is also written to `log`."""

    def __init__(self, connection: socket.socket, log: BinaryIO):
        self._connection = connection
        self._log = log
        self._pending = b""

    def send_line(self, line: str) -> None:
        self._connection.sendall(line.encode() + b"\n")

    def read_line(self, timeout: float) -> str | None:
        """The next line without its end, or None when none was complete within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._pending:
            ready, _, _ = select.select([self._connection], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return None
            self._receive()
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")

    def drain(self) -> None:
        """Logs what has arrived and forgets it."""
        while self.read_line(0) is not None:
            pass

    def close(self) -> None:
        self._connection.close()

    def _receive(self) -> None:
        try:
            octets = self._connection.recv(65536)
        except ConnectionResetError:
            octets = b""
        if not octets:
            raise ChannelClosed("QEMU has ended")
        self._log.write(octets)
        self._log.flush()
        self._pending += octets
