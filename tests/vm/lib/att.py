"""The attribute protocol in a capture: what a controller's host and its peers said to each other (Core, vol. 3, F)."""

import dataclasses
from collections.abc import Iterable, Iterator

from lib import btsnoop
from lib.btsnoop import Record

ERROR_RESPONSE = 0x01
READ_BY_TYPE_REQUEST = 0x08
READ_BY_TYPE_RESPONSE = 0x09
READ_REQUEST = 0x0A
READ_RESPONSE = 0x0B
WRITE_REQUEST = 0x12
WRITE_RESPONSE = 0x13
NOTIFICATION = 0x1B
INDICATION = 0x1D
CONFIRMATION = 0x1E
MULTIPLE_NOTIFICATION = 0x23
WRITE_COMMAND = 0x52
SIGNED_WRITE_COMMAND = 0xD2

_CHANNEL = 4  # of L2CAP
_DISCONNECTION_COMPLETE = 0x05
_CHARACTERISTIC = 0x2803


@dataclasses.dataclass(frozen=True)
class Pdu:
    """One PDU on one connection. `sent`: by the host of this controller, else received from its peer."""

    time: float
    connection: int
    sent: bool
    opcode: int
    body: bytes

    @property
    def kind(self) -> str:
        """ "request", "response", "command", "notification", "indication" or "confirmation"."""
        if self.opcode in (NOTIFICATION, MULTIPLE_NOTIFICATION):
            return "notification"
        if self.opcode in (INDICATION, CONFIRMATION):
            return "indication" if self.opcode == INDICATION else "confirmation"
        if self.opcode & 0x40:
            return "command"
        return "response" if self.opcode & 1 else "request"

    @property
    def error(self) -> tuple[int, int, int] | None:
        """Of an Error Response: the opcode of the request, the attribute's handle, and the code."""
        if self.opcode != ERROR_RESPONSE or len(self.body) != 4:
            return None
        return self.body[0], _word(self.body, 1), self.body[3]

    def values(self) -> list[tuple[int, bytes]]:
        """The attributes (handle, value) in a write, a notification, also of several values, or an indication."""
        if self.opcode == MULTIPLE_NOTIFICATION:
            return _values(self.body)
        if self.opcode in (WRITE_REQUEST, WRITE_COMMAND, NOTIFICATION, INDICATION) and len(self.body) >= 2:
            return [(_word(self.body, 0), self.body[2:])]
        return []


def pdus(capture: Iterable[Record], index: int) -> list[Pdu]:
    """All PDUs on the fixed channel of one controller's connections, by the time of their last octet."""
    result = []
    streams: dict[tuple[int, bool], bytes] = {}
    for record in capture:
        if record.index != index:
            continue
        if record.kind == btsnoop.EVENT and record.data[:1] == bytes([_DISCONNECTION_COMPLETE]):
            for sent in (True, False):
                streams.pop((_word(record.data, 3), sent), None)
        if record.kind in (btsnoop.ACL_SENT, btsnoop.ACL_RECEIVED) and len(record.data) >= 4:
            sent = record.kind == btsnoop.ACL_SENT
            connection = _word(record.data, 0) & 0x0FFF
            for channel, content in _frames(streams, connection, sent, record.data):
                if channel == _CHANNEL and content:
                    result.append(Pdu(record.time, connection, sent, content[0], content[1:]))
    return result


def characteristics(conversation: Iterable[Pdu]) -> dict[str, int]:
    """The value handles of the characteristics that were discovered in a conversation, by UUID (4 or 32 hexadecimal
    digits without hyphens)."""
    result = {}
    discovering: dict[int, bool] = {}
    for pdu in conversation:
        if pdu.opcode == READ_BY_TYPE_REQUEST:
            discovering[pdu.connection] = pdu.body[4:] == _CHARACTERISTIC.to_bytes(2, "little")
        if pdu.opcode == READ_BY_TYPE_RESPONSE and discovering.get(pdu.connection) and pdu.body and pdu.body[0] >= 7:
            size = pdu.body[0]
            for begin in range(1, len(pdu.body) - size + 1, size):
                # Handle of the declaration, properties, handle of the value, UUID.
                entry = pdu.body[begin : begin + size]
                result[entry[5:][::-1].hex()] = _word(entry, 3)
    return result


def _word(octets: bytes, offset: int) -> int:
    return int.from_bytes(octets[offset : offset + 2], "little")


def _values(body: bytes) -> list[tuple[int, bytes]]:
    result = []
    while len(body) >= 4:
        end = 4 + _word(body, 2)
        result.append((_word(body, 0), body[4:end]))
        body = body[end:]
    return result


def _frames(
    streams: dict[tuple[int, bool], bytes], connection: int, sent: bool, packet: bytes
) -> Iterator[tuple[int, bytes]]:
    """The L2CAP frame (channel, content) that an ACL packet completes, if it does. `streams`: the beginnings of others."""
    continues = (packet[1] >> 4) & 3 == 1
    before = streams.pop((connection, sent), b"") if continues else b""
    if continues and not before:
        return  # its beginning was before the capture
    frame = before + packet[4:]
    if len(frame) >= 4 and len(frame) >= 4 + _word(frame, 0):
        yield _word(frame, 2), frame[4 : 4 + _word(frame, 0)]
    else:
        streams[connection, sent] = frame
