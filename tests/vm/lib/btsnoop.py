"""A capture of btmon: every HCI packet between kernel and controllers, in the monitor's flavour of the btsnoop format
(BlueZ, doc/btsnoop.txt). Independent of BlueZ's own decoders, which crash on some ATT packets."""

import dataclasses
import struct
from collections.abc import Iterable, Iterator

# Kinds of records.
NEW_INDEX = 0
DELETED_INDEX = 1
COMMAND = 2
EVENT = 3
ACL_SENT = 4  # by the host
ACL_RECEIVED = 5
CLOSED_INDEX = 9
INDEX_INFORMATION = 10
USER_LOGGING = 13

_HEADER = b"btsnoop\0" + struct.pack(">II", 1, 2001)
_RECORD = struct.Struct(">IIIIq")
_UNIX_EPOCH = 0x00DCDDB30F2F8000  # in microseconds of the format's own era

_COMMAND_COMPLETE = 0x0E
_COMMAND_STATUS = 0x0F


@dataclasses.dataclass(frozen=True)
class Record:
    """`time`: seconds of the guest's clock since 1970. `index`: the controller's number, 0xffff for none."""

    time: float
    index: int
    kind: int
    data: bytes


@dataclasses.dataclass(frozen=True)
class Command:
    """A command that a controller has answered. `time` is that of the answer, from which on it has its effect."""

    time: float
    sent: float
    opcode: int
    parameters: bytes
    status: int


def records(capture: bytes) -> list[Record]:
    """All complete records; the last one may still be on its way, as a capture is read while it grows."""
    if not _HEADER.startswith(capture[: len(_HEADER)]):
        raise ValueError(f"not a capture of the HCI monitor: it begins with {capture[:16].hex()}")
    result = []
    offset = len(_HEADER)
    while offset + _RECORD.size <= len(capture):
        _, length, flags, _, microseconds = _RECORD.unpack_from(capture, offset)
        begin = offset + _RECORD.size
        offset = begin + length
        if offset > len(capture):
            break
        time = (microseconds - _UNIX_EPOCH) / 1e6
        result.append(Record(time, flags >> 16, flags & 0xFFFF, capture[begin:offset]))
    return result


def answers(capture: Iterable[Record], index: int) -> Iterator[tuple[Record, Command | None]]:
    """The records of one controller in their order, each with the command that it answers."""
    pending: dict[int, list[Record]] = {}
    for record in capture:
        if record.index != index:
            continue
        if record.kind == COMMAND and len(record.data) >= 3:
            pending.setdefault(_opcode(record.data), []).append(record)
        yield record, _answered(record, pending)


def commands(capture: Iterable[Record], index: int) -> list[Command]:
    """The commands that a controller has answered, in the order of the answers."""
    return [command for _, command in answers(capture, index) if command is not None]


def address(octets: bytes) -> str:
    """A device address, most significant octet first as everybody prints it."""
    return octets[:6][::-1].hex(":").upper()


def marks(capture: Iterable[Record]) -> dict[str, float]:
    """When the bed set its marks, by their texts (guest/hci_control.cpp). Of equal ones the last counts."""
    result = {}
    for record in capture:
        if record.kind == USER_LOGGING and len(record.data) >= 2:
            identity, text = record.data[2:].rstrip(b"\0").partition(b"\0")[::2]
            if identity == b"bed":
                result[text.decode(errors="replace")] = record.time
    return result


def _opcode(command: bytes) -> int:
    return int.from_bytes(command[:2], "little")


def _answered(record: Record, pending: dict[int, list[Record]]) -> Command | None:
    if record.kind != EVENT or len(record.data) < 6:
        return None
    event, parameters = record.data[0], record.data[2:]
    if event == _COMMAND_COMPLETE:
        opcode, status = int.from_bytes(parameters[1:3], "little"), parameters[3]
    elif event == _COMMAND_STATUS:
        status, opcode = parameters[0], int.from_bytes(parameters[2:4], "little")
    else:
        return None
    waiting = pending.get(opcode)
    if not waiting:
        return None
    sent = waiting.pop(0)
    return Command(record.time, sent.time, opcode, sent.data[3:], status)
