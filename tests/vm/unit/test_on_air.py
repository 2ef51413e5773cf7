import math
import unittest

from lib import btsnoop, on_air
from lib.on_air import Advert, Span
from unit.capture import Capture

FIRST, SECOND = bytes.fromhex("4a0000000001"), bytes.fromhex("4a0000000002")  # addresses as they are printed
PUBLIC = bytes.fromhex("00aa01000000")


def printed(address: bytes) -> str:
    return address.hex(":").upper()


class Controller(Capture):
    """Commands to a controller, with the parameters that matter."""

    def new_index(self) -> None:
        self.add(btsnoop.NEW_INDEX, b"\x00\x00" + PUBLIC[::-1] + b"hci0\0\0\0\0")

    def legacy(self, address: bytes, payload: bytes, own_type: int = 1, interval: int = 0x0140) -> float:
        self.command(0x2008, bytes([len(payload)]) + payload.ljust(31, b"\0"))
        self.command(0x2005, address[::-1])
        units = interval.to_bytes(2, "little")
        self.command(0x2006, units + units + bytes([0, own_type]) + bytes(9))
        return self.command(0x200A, b"\x01")

    def parameters(self, number: int, properties: int = 0x0013, interval: int = 0x0140, own_type: int = 1) -> float:
        units = interval.to_bytes(3, "little")
        head = bytes([number]) + properties.to_bytes(2, "little") + units + units + b"\x07" + bytes([own_type])
        return self.command(0x2036, head + bytes(14))

    def address(self, number: int, address: bytes, status: int = 0) -> float:
        return self.command(0x2035, bytes([number]) + address[::-1], status)

    def data(self, number: int, payload: bytes, operation: int = 3) -> float:
        return self.command(0x2037, bytes([number, operation, 1, len(payload)]) + payload)

    def enable(self, *numbers: int, on: bool = True) -> float:
        return self.command(0x2039, bytes([on, len(numbers)]) + b"".join(bytes([number, 0, 0, 0]) for number in numbers))

    def extended(self, number: int, address: bytes, payload: bytes) -> float:
        self.parameters(number)
        self.address(number, address)
        self.data(number, payload)
        return self.enable(number)

    def spans(self) -> list[Span]:
        return on_air.on_air(self.records(), 0)

    def shown(self) -> list[tuple[float, float, str, bytes]]:
        return [(span.begin, span.end, *span.pair) for span in self.spans()]


class ExtendedSets(unittest.TestCase):
    def test_are_on_the_air_once_they_are_enabled(self):
        controller = Controller()
        begin = controller.extended(3, FIRST, b"one")

        (span,) = controller.spans()

        expected = Advert(3, printed(FIRST), "random", b"one", b"", 0.2, 0x0013)
        self.assertEqual(span, Span(begin, math.inf, expected))
        self.assertFalse(span.advert.extended)

    def test_are_not_before(self):
        controller = Controller()
        controller.parameters(3)
        controller.address(3, FIRST)
        controller.data(3, b"one")

        self.assertEqual(controller.spans(), [])

    def test_each_have_their_own_address_and_data(self):
        controller = Controller()
        one = controller.extended(1, FIRST, b"one")
        two = controller.extended(2, SECOND, b"two")

        self.assertEqual(controller.shown(), [(one, math.inf, printed(FIRST), b"one"), (two, math.inf, printed(SECOND), b"two")])

    def test_end_when_they_are_disabled_and_begin_again(self):
        controller = Controller()
        begin = controller.extended(3, FIRST, b"one")
        end = controller.enable(3, on=False)
        controller.data(3, b"two")
        again = controller.enable(3)

        self.assertEqual(controller.shown(), [(begin, end, printed(FIRST), b"one"), (again, math.inf, printed(FIRST), b"two")])

    def test_that_change_while_enabled_show_each_pair(self):
        controller = Controller()
        begin = controller.extended(3, FIRST, b"one")
        mixed = controller.data(3, b"two")
        changed = controller.address(3, SECOND)

        self.assertEqual(controller.shown(), [
            (begin, mixed, printed(FIRST), b"one"),
            (mixed, changed, printed(FIRST), b"two"),
            (changed, math.inf, printed(SECOND), b"two"),
        ])

    def test_do_not_change_when_the_controller_refuses(self):
        controller = Controller()
        begin = controller.extended(3, FIRST, b"one")
        controller.address(3, SECOND, status=0x0C)

        self.assertEqual(controller.shown(), [(begin, math.inf, printed(FIRST), b"one")])

    def test_take_data_in_fragments_when_the_last_has_come(self):
        controller = Controller()
        begin = controller.extended(3, FIRST, b"old")
        for piece, operation in ((b"a", 1), (b"b", 0)):
            controller.data(3, piece, operation)
        changed = controller.data(3, b"c", 2)

        self.assertEqual(controller.shown(), [(begin, changed, printed(FIRST), b"old"), (changed, math.inf, printed(FIRST), b"abc")])

    def test_keep_their_data_when_these_are_announced_as_new(self):
        controller = Controller()
        begin = controller.extended(3, FIRST, b"one")
        controller.data(3, b"", 4)

        self.assertEqual(controller.shown(), [(begin, math.inf, printed(FIRST), b"one")])

    def test_end_at_every_event_that_ends_them(self):
        ends = {
            "a connection": lambda controller: controller.event(0x3E, bytes([0x12, 0, 3, 42, 0, 0])),
            "all disabled": lambda controller: controller.enable(on=False),
            "the set removed": lambda controller: controller.command(0x203C, b"\x03"),
            "all sets cleared": lambda controller: controller.command(0x203D, b""),
            "a reset": lambda controller: controller.command(0x0C03, b""),
            "the adapter closed": lambda controller: controller.add(btsnoop.CLOSED_INDEX, b""),
            "the adapter gone": lambda controller: controller.add(btsnoop.DELETED_INDEX, b""),
        }
        for name, end in ends.items():
            with self.subTest(name):
                controller = Controller()
                begin = controller.extended(3, FIRST, b"one")
                ended = end(controller)

                self.assertEqual(controller.shown(), [(begin, ended, printed(FIRST), b"one")])

    def test_of_more_than_31_octets_are_known_by_their_properties(self):
        controller = Controller()
        controller.parameters(2, properties=0x0001)
        controller.address(2, FIRST)
        controller.data(2, bytes(41))
        controller.enable(2)

        self.assertTrue(controller.spans()[0].advert.extended)

    def test_whose_address_the_controller_makes_say_so(self):
        controller = Controller()
        controller.parameters(1, own_type=3)
        controller.address(1, FIRST)
        controller.enable(1)

        self.assertEqual(controller.spans()[0].advert.address_kind, "controller")


class LegacyAdverts(unittest.TestCase):
    def test_have_the_address_of_the_controller(self):
        controller = Controller()
        begin = controller.legacy(FIRST, b"one")

        expected = Advert(on_air.LEGACY, printed(FIRST), "random", b"one", b"", 0.2, 0x0013)
        self.assertEqual(controller.spans(), [Span(begin, math.inf, expected)])

    def test_show_the_new_data_under_the_old_address(self):
        controller = Controller()
        begin = controller.legacy(FIRST, b"one")
        mixed = controller.command(0x2008, b"\x03two".ljust(32, b"\0"))
        off = controller.command(0x200A, b"\x00")
        controller.command(0x2005, SECOND[::-1])
        again = controller.command(0x200A, b"\x01")

        self.assertEqual(controller.shown(), [
            (begin, mixed, printed(FIRST), b"one"),
            (mixed, off, printed(FIRST), b"two"),
            (again, math.inf, printed(SECOND), b"two"),
        ])

    def test_end_when_a_central_connects(self):
        controller = Controller()
        begin = controller.legacy(FIRST, b"one")
        controller.event(0x3E, bytes([0x0A, 0x02, 42, 0, 1]) + bytes(26))  # a failed attempt
        controller.event(0x3E, bytes([0x0A, 0x00, 42, 0, 0]) + bytes(26))  # this controller as the central
        end = controller.event(0x3E, bytes([0x0A, 0x00, 43, 0, 1]) + bytes(26))

        self.assertEqual(controller.shown(), [(begin, end, printed(FIRST), b"one")])

    def test_can_use_the_public_address(self):
        controller = Controller()
        controller.new_index()
        controller.legacy(FIRST, b"one", own_type=0)

        advert = controller.spans()[0].advert
        self.assertEqual((advert.address, advert.address_kind), (printed(PUBLIC), "public"))


def span(begin: float, end: float, interval: float = 1.0) -> Span:
    return Span(begin, end, Advert(1, "", "random", b"", b"", interval, 0x0013))


class Silence(unittest.TestCase):
    def test_is_an_interval_while_an_advert_is_on(self):
        self.assertAlmostEqual(on_air.longest_silence([span(0, math.inf)], 10, 20), 1.01)

    def test_is_all_the_time_without_an_advert(self):
        self.assertEqual(on_air.longest_silence([], 10, 20), 10)

    def test_counts_the_interval_that_may_have_passed_before_an_end(self):
        self.assertAlmostEqual(on_air.longest_silence([span(0, 14), span(16, 30)], 10, 20), 3.01)

    def test_of_a_short_span_begins_with_its_first_frame(self):
        self.assertAlmostEqual(on_air.longest_silence([span(10, 10.5), span(12, 30)], 10, 20), 2)

    def test_lasts_to_the_end(self):
        self.assertAlmostEqual(on_air.longest_silence([span(0, 15)], 10, 20), 6.01)


class Instants(unittest.TestCase):
    def test_belong_to_a_span_from_its_beginning_until_before_its_end(self):
        spans = [span(10, 12)]

        self.assertEqual([len(on_air.at(spans, time)) for time in (9.9, 10, 11.9, 12)], [0, 1, 1, 0])

    def test_cut_the_spans_that_they_share(self):
        cut = on_air.during([span(0, 5), span(6, 9), span(10, math.inf)], 4, 10.5)

        self.assertEqual([(one.begin, one.end) for one in cut], [(4, 5), (6, 9), (10, 10.5)])
