"""Captures made by hand."""

import struct

from lib import btsnoop

_HEADER = b"btsnoop\0" + struct.pack(">II", 1, 2001)
_EPOCH = 0x00DCDDB30F2F8000


class Capture:
    """Records of one controller, a second apart from each other unless a time is given."""

    def __init__(self, index: int = 0):
        self._index = index
        self._time = 0.0
        self.octets = _HEADER

    def records(self) -> list[btsnoop.Record]:
        return btsnoop.records(self.octets)

    def add(self, kind: int, data: bytes, time: float | None = None, index: int | None = None) -> float:
        """Returns the record's time."""
        self._time = self._time + 1 if time is None else time
        flags = (self._index if index is None else index) << 16 | kind
        self.octets += struct.pack(">IIIIq", len(data), len(data), flags, 0, _EPOCH + round(self._time * 1e6)) + data
        return self._time

    def command(self, opcode: int, parameters: bytes, status: int = 0) -> float:
        """A command and, a second later, its answer; returns the time of the latter."""
        self.add(btsnoop.COMMAND, struct.pack("<HB", opcode, len(parameters)) + parameters)
        return self.event(0x0E, struct.pack("<BHB", 1, opcode, status))

    def event(self, code: int, parameters: bytes) -> float:
        return self.add(btsnoop.EVENT, bytes([code, len(parameters)]) + parameters)

    def acl(self, kind: int, connection: int, content: bytes, continues: bool = False) -> float:
        handle = connection | (0x1000 if continues else 0x2000)
        return self.add(kind, struct.pack("<HH", handle, len(content)) + content)

    def att(self, kind: int, connection: int, pdu: bytes) -> float:
        return self.acl(kind, connection, struct.pack("<HH", len(pdu), 4) + pdu)
