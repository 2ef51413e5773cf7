import unittest

from lib import att, btsnoop
from unit.capture import Capture

SENT, RECEIVED = btsnoop.ACL_SENT, btsnoop.ACL_RECEIVED


class Pdus(unittest.TestCase):
    def test_have_a_direction_a_connection_and_a_time(self):
        capture = Capture()
        asked = capture.att(RECEIVED, 42, b"\x0a\x03\x00")
        answered = capture.att(SENT, 42, b"\x0bvalue")

        expected = [att.Pdu(asked, 42, False, 0x0A, b"\x03\x00"), att.Pdu(answered, 42, True, 0x0B, b"value")]
        self.assertEqual(att.pdus(capture.records(), 0), expected)

    def test_are_joined_from_their_fragments_and_have_the_time_of_the_last(self):
        capture = Capture()
        capture.acl(SENT, 42, b"\x06\x00\x04\x00\x0bva")
        capture.att(RECEIVED, 42, b"\x1e")  # the other direction does not disturb
        capture.acl(SENT, 42, b"l", continues=True)
        last = capture.acl(SENT, 42, b"ue", continues=True)

        self.assertEqual(att.pdus(capture.records(), 0)[1], att.Pdu(last, 42, True, 0x0B, b"value"))

    def test_are_joined_for_each_connection_by_itself(self):
        capture = Capture()
        capture.acl(RECEIVED, 42, b"\x04\x00\x04\x00\x0ba")
        capture.acl(RECEIVED, 43, b"\x04\x00\x04\x00\x0bx")
        capture.acl(RECEIVED, 42, b"bc", continues=True)
        capture.acl(RECEIVED, 43, b"yz", continues=True)

        self.assertEqual([(one.connection, one.body) for one in att.pdus(capture.records(), 0)], [(42, b"abc"), (43, b"xyz")])

    def test_that_a_disconnection_has_cut_off_are_forgotten(self):
        capture = Capture()
        capture.acl(RECEIVED, 42, b"\x04\x00\x04\x00\x0ba")
        capture.event(0x05, b"\x00\x2a\x00\x13")
        capture.acl(RECEIVED, 42, b"bc", continues=True)

        self.assertEqual(att.pdus(capture.records(), 0), [])

    def test_that_were_never_completed_do_not_spoil_the_next(self):
        capture = Capture()
        capture.acl(RECEIVED, 42, b"\x09\x00\x04\x00\x0bab")
        capture.att(RECEIVED, 42, b"\x0bvalue")

        self.assertEqual([one.body for one in att.pdus(capture.records(), 0)], [b"value"])

    def test_are_only_those_on_their_channel_and_controller(self):
        capture = Capture()
        capture.acl(RECEIVED, 42, b"\x02\x00\x05\x00\x12\x01")
        capture.add(SENT, b"\x2a\x20\x05\x00\x01\x00\x04\x00\x1e", index=1)

        self.assertEqual(att.pdus(capture.records(), 0), [])

    def test_damaged_ones_do_no_harm(self):
        capture = Capture()
        for data in (b"", b"\x2a", b"\x2a\x20\x00\x00", b"\x2a\x20\x02\x00\x09\x00", b"\x2a\x20\x04\x00\x00\x00\x04\x00"):
            capture.add(RECEIVED, data)

        self.assertEqual(att.pdus(capture.records(), 0), [])


class Kinds(unittest.TestCase):
    def test_follow_from_the_opcode(self):
        kinds = {0x01: "response", 0x0A: "request", 0x0B: "response", 0x12: "request", 0x13: "response", 0x1B: "notification",
                 0x1D: "indication", 0x1E: "confirmation", 0x23: "notification", 0x52: "command", 0xD2: "command"}

        self.assertEqual({opcode: att.Pdu(0, 1, True, opcode, b"").kind for opcode in kinds}, kinds)


class Content(unittest.TestCase):
    def test_of_an_error_response(self):
        self.assertEqual(att.Pdu(0, 1, True, 0x01, b"\x12\x0d\x00\x81").error, (0x12, 13, 0x81))
        self.assertIsNone(att.Pdu(0, 1, True, 0x0B, b"\x12\x0d\x00\x81").error)

    def test_of_writes_and_notifications(self):
        for opcode in (0x12, 0x52, 0x1B, 0x1D):
            self.assertEqual(att.Pdu(0, 1, True, opcode, b"\x0d\x00value").values(), [(13, b"value")])

    def test_of_a_notification_of_several_values(self):
        pdu = att.Pdu(0, 1, True, 0x23, b"\x0d\x00\x02\x00ab\x0e\x00\x01\x00c")

        self.assertEqual(pdu.values(), [(13, b"ab"), (14, b"c")])


class Characteristics(unittest.TestCase):
    def test_are_found_by_their_uuids(self):
        long_uuid = bytes(range(16))
        capture = Capture()
        capture.att(SENT, 42, b"\x08\x01\x00\xff\xff\x03\x28")
        capture.att(RECEIVED, 42, b"\x09\x07\x02\x00\x02\x03\x00\x00\x2a\x04\x00\x02\x05\x00\x01\x2a")
        capture.att(SENT, 42, b"\x08\x05\x00\xff\xff\x03\x28")
        capture.att(RECEIVED, 42, b"\x09\x15\x06\x00\x1a\x07\x00" + long_uuid)

        found = att.characteristics(att.pdus(capture.records(), 0))

        self.assertEqual(found, {"2a00": 3, "2a01": 5, long_uuid[::-1].hex(): 7})

    def test_are_not_taken_from_answers_to_other_questions(self):
        capture = Capture()
        capture.att(SENT, 42, b"\x08\x01\x00\xff\xff\x2a\x2b")
        capture.att(RECEIVED, 42, b"\x09\x07\x0f\x00\x02\x03\x00\x00\x2a")

        self.assertEqual(att.characteristics(att.pdus(capture.records(), 0)), {})
