"""What a controller had on the air, and when, from the commands that it was given and obeyed: the emulated air of btvirt
reports adverts once or not at all, so that the commands are the better witness."""

import dataclasses
from collections.abc import Iterable

from lib import btsnoop
from lib.btsnoop import Command, Record

LEGACY = -1  # the "set" of a controller without extended advertising
ADVERTISING_DELAY = 0.010  # seconds; the most that a controller adds to an interval (Core, vol. 6, B, 4.4.2.2.1)

_LEGACY_PDU = 0x0010  # in the event properties of an extended set
_PROPERTIES = {0: 0x0013, 1: 0x001D, 2: 0x0012, 3: 0x0010, 4: 0x0015}  # by the type of a legacy advert
_ADDRESS_KINDS = {0: "public", 1: "random"}

_LE_META = 0x3E
_CONNECTION_COMPLETE = (0x01, 0x0A, 0x29)
_SET_TERMINATED = 0x12
_PERIPHERAL = 1


@dataclasses.dataclass(frozen=True)
class Advert:
    """One advertising set as it goes out. `address_kind`: "public", "random", or "controller" when that chooses a private
    address itself (then `address` is its fall-back). `properties`: the event properties of LE Set Extended Advertising
    Parameters, those of the same PDU for a legacy command."""

    set: int
    address: str
    address_kind: str
    payload: bytes
    scan_response: bytes
    interval: float  # seconds; the longer one of the two given
    properties: int

    @property
    def extended(self) -> bool:
        """Whether it goes out in PDUs that scanners of before Bluetooth 5 do not see."""
        return not self.properties & _LEGACY_PDU


@dataclasses.dataclass(frozen=True)
class Span:
    """An advert from its first to its last instant on the air. `end` is infinite for what still is there."""

    begin: float
    end: float
    advert: Advert

    @property
    def pair(self) -> tuple[str, bytes]:
        return self.advert.address, self.advert.payload


def on_air(capture: Iterable[Record], index: int) -> list[Span]:
    """All adverts of one controller, by their beginnings. An advert whose address, payload or parameters change ends there,
    and another begins."""
    controller = _Controller()
    timeline = _Timeline()
    for record, command in btsnoop.answers(capture, index):
        controller.take(record, command)
        timeline.follow(record.time, controller.adverts())
    return timeline.spans()


def at(spans: Iterable[Span], time: float) -> list[Advert]:
    """What was on the air at one instant."""
    return [span.advert for span in spans if span.begin <= time < span.end]


def during(spans: Iterable[Span], begin: float, end: float) -> list[Span]:
    """The spans that share an instant with [begin, end), cut to it."""
    return [
        dataclasses.replace(span, begin=max(span.begin, begin), end=min(span.end, end))
        for span in spans
        if span.begin < end and span.end > begin
    ]


def longest_silence(spans: Iterable[Span], begin: float, end: float) -> float:
    """The longest time within [begin, end] that may have passed without a frame of these spans. A controller sends when it
    is enabled and then at each interval, so that the last frame of a span may lie a whole interval before its end."""
    silence = 0.0
    last = begin
    for span in sorted(during(spans, begin, end), key=lambda span: span.begin):
        period = span.advert.interval + ADVERTISING_DELAY
        silence = max(silence, span.begin - last, min(period, span.end - span.begin))
        last = max(last, span.begin, span.end - period)
    return max(silence, end - last)


@dataclasses.dataclass
class _Set:
    """The state of one advertising set in a controller."""

    own_address_type: int = 0
    random_address: str = ""
    payload: bytes = b""
    scan_response: bytes = b""
    interval: float = 1.28
    properties: int = 0x0013
    enabled: bool = False


class _Controller:
    """A controller as far as its adverts go."""

    def __init__(self):
        self._public = ""
        self._random = ""  # LE Set Random Address
        self._legacy = _Set()
        self._sets: dict[int, _Set] = {}
        # What has come of data that are sent in pieces, by set and command.
        self._pieces: dict[tuple[int, int], bytes] = {}

    def adverts(self) -> list[Advert]:
        self._legacy.random_address = self._random
        every = [(LEGACY, self._legacy), *sorted(self._sets.items())]
        return [self._advert(number, one) for number, one in every if one.enabled]

    def take(self, record: Record, command: Command | None) -> None:
        if record.kind == btsnoop.NEW_INDEX:
            self._public = btsnoop.address(record.data[2:8])
        elif record.kind == btsnoop.INDEX_INFORMATION:
            self._public = btsnoop.address(record.data)
        elif record.kind in (btsnoop.DELETED_INDEX, btsnoop.CLOSED_INDEX):
            self._reset()
        elif record.kind == btsnoop.EVENT and record.data[:1] == bytes([_LE_META]):
            self._take_event(record.data[2:])
        if command is not None and command.status == 0 and (effect := _EFFECTS.get(command.opcode)):
            effect(self, command.parameters)

    def _advert(self, number: int, one: _Set) -> Advert:
        kind = _ADDRESS_KINDS.get(one.own_address_type, "controller")
        address = one.random_address if one.own_address_type % 2 else self._public
        return Advert(number, address, kind, one.payload, one.scan_response, one.interval, one.properties)

    def _reset(self) -> None:
        self._random = ""
        self._legacy = _Set()
        self._clear_sets()

    def _clear_sets(self) -> None:
        self._sets.clear()
        self._pieces.clear()

    def _take_event(self, event: bytes) -> None:
        if event[0] == _SET_TERMINATED and event[2] in self._sets:
            self._sets[event[2]].enabled = False
        # A connection ends a legacy advert without further notice.
        if event[0] in _CONNECTION_COMPLETE and event[1] == 0 and event[4] == _PERIPHERAL:
            self._legacy.enabled = False

    def _set(self, number: int) -> _Set:
        return self._sets.setdefault(number, _Set())

    def _set_random_address(self, p: bytes) -> None:
        self._random = btsnoop.address(p)

    def _set_legacy_parameters(self, p: bytes) -> None:
        self._legacy.interval = _interval(p[2:4])
        self._legacy.properties = _PROPERTIES.get(p[4], 0)
        self._legacy.own_address_type = p[5]

    def _set_legacy_data(self, p: bytes) -> None:
        self._legacy.payload = p[1 : 1 + p[0]]

    def _set_legacy_scan_response(self, p: bytes) -> None:
        self._legacy.scan_response = p[1 : 1 + p[0]]

    def _enable_legacy(self, p: bytes) -> None:
        self._legacy.enabled = bool(p[0])

    def _set_address(self, p: bytes) -> None:
        self._set(p[0]).random_address = btsnoop.address(p[1:])

    def _set_parameters(self, p: bytes) -> None:
        one = self._set(p[0])
        one.properties = int.from_bytes(p[1:3], "little")
        one.interval = _interval(p[6:9])
        one.own_address_type = p[10]

    def _set_data(self, p: bytes) -> None:
        whole = self._joined(0x2037, p)
        if whole is not None:
            self._set(p[0]).payload = whole

    def _set_scan_response(self, p: bytes) -> None:
        whole = self._joined(0x2038, p)
        if whole is not None:
            self._set(p[0]).scan_response = whole

    def _joined(self, opcode: int, p: bytes) -> bytes | None:
        """The data once they are complete."""
        number, operation, piece = p[0], p[1], p[4 : 4 + p[3]]
        if operation == 4:  # the same data, to be announced as new
            return None
        before = b"" if operation in (1, 3) else self._pieces.get((number, opcode), b"")
        self._pieces[number, opcode] = before + piece
        return before + piece if operation in (2, 3) else None

    def _enable(self, p: bytes) -> None:
        numbers = [p[2 + 4 * i] for i in range(p[1])]
        if not p[0] and not numbers:
            numbers = list(self._sets)
        for number in numbers:
            self._set(number).enabled = bool(p[0])

    def _remove(self, p: bytes) -> None:
        self._sets.pop(p[0], None)

    def _clear(self, _: bytes) -> None:
        self._clear_sets()

    def _reset_command(self, _: bytes) -> None:
        self._reset()


def _interval(octets: bytes) -> float:
    return int.from_bytes(octets, "little") * 0.000625


_EFFECTS = {
    0x0C03: _Controller._reset_command,
    0x2005: _Controller._set_random_address,
    0x2006: _Controller._set_legacy_parameters,
    0x2008: _Controller._set_legacy_data,
    0x2009: _Controller._set_legacy_scan_response,
    0x200A: _Controller._enable_legacy,
    0x2035: _Controller._set_address,
    0x2036: _Controller._set_parameters,
    0x2037: _Controller._set_data,
    0x2038: _Controller._set_scan_response,
    0x2039: _Controller._enable,
    0x203C: _Controller._remove,
    0x203D: _Controller._clear,
}


class _Timeline:
    """Turns what is on the air after every packet into spans."""

    def __init__(self):
        self._open: dict[int, tuple[float, Advert]] = {}
        self._closed: list[Span] = []

    def follow(self, time: float, adverts: list[Advert]) -> None:
        now = {advert.set: advert for advert in adverts}
        for number, (begin, advert) in list(self._open.items()):
            if now.get(number) != advert:
                del self._open[number]
                self._closed.append(Span(begin, time, advert))
        for number, advert in now.items():
            self._open.setdefault(number, (time, advert))

    def spans(self) -> list[Span]:
        still = [Span(begin, float("inf"), advert) for begin, advert in self._open.values()]
        return sorted([*self._closed, *still], key=lambda span: span.begin)
