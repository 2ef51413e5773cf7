import unittest

from lib import btsnoop
from unit.capture import Capture


class Records(unittest.TestCase):
    def test_carry_time_controller_kind_and_octets(self):
        capture = Capture()
        capture.add(btsnoop.EVENT, b"\x01\x02", time=1.5, index=3)

        self.assertEqual(capture.records(), [btsnoop.Record(1.5, 3, btsnoop.EVENT, b"\x01\x02")])

    def test_end_before_one_that_is_not_complete(self):
        capture = Capture()
        capture.add(btsnoop.EVENT, b"\x01\x02")
        whole = len(capture.octets)
        capture.add(btsnoop.EVENT, b"\x03\x04")

        for end in range(whole, len(capture.octets)):
            self.assertEqual(len(btsnoop.records(capture.octets[:end])), 1)

    def test_are_none_while_the_header_is_on_its_way(self):
        for end in range(17):
            self.assertEqual(btsnoop.records(Capture().octets[:end]), [])

    def test_of_another_format_are_refused(self):
        with self.assertRaises(ValueError):
            btsnoop.records(b"btsnoop\0" + bytes([0, 0, 0, 1, 0, 0, 3, 0xEA]))


class Commands(unittest.TestCase):
    def test_take_effect_when_they_are_answered(self):
        capture = Capture()
        answered = capture.command(0x200A, b"\x01", status=0x0C)

        (command,) = btsnoop.commands(capture.records(), 0)

        self.assertEqual(command, btsnoop.Command(answered, answered - 1, 0x200A, b"\x01", 0x0C))

    def test_are_told_apart_from_those_of_other_controllers(self):
        capture = Capture()
        capture.add(btsnoop.COMMAND, b"\x0a\x20\x01\x01", index=1)
        capture.event(0x0E, b"\x01\x0a\x20\x00")

        self.assertEqual(btsnoop.commands(capture.records(), 0), [])
        self.assertEqual(btsnoop.commands(capture.records(), 1), [])

    def test_may_be_answered_by_a_status(self):
        capture = Capture()
        capture.add(btsnoop.COMMAND, b"\x06\x04\x03\x2a\x00\x13")
        capture.event(0x0F, b"\x00\x01\x06\x04")

        (command,) = btsnoop.commands(capture.records(), 0)

        self.assertEqual((command.opcode, command.parameters, command.status), (0x0406, b"\x2a\x00\x13", 0))


class Marks(unittest.TestCase):
    def test_are_those_of_the_bed_alone(self):
        capture = Capture()
        capture.add(btsnoop.USER_LOGGING, b"\x06\x0bbluetoothd\0started\0", index=0xFFFF)
        time = capture.add(btsnoop.USER_LOGGING, b"\x06\x04bed\0begin\0", index=0xFFFF)

        self.assertEqual(btsnoop.marks(capture.records()), {"begin": time})
