"""lib/eid.py against the known answers, Google's own among them."""

import json
import pathlib
import unittest

from lib import eid

_VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors/fmdn.json"
_BATTERIES = ("unsupported", "normal", "low", "critical")


class Eid(unittest.TestCase):
    def setUp(self):
        self.groups = json.loads(_VECTORS.read_text())["groups"]

    def test_identifiers(self):
        for case in self.groups["eid"]:
            with self.subTest(case["id"]):
                found = eid.eid(eid.CURVES[case["curve"]], bytes.fromhex(case["eik"]), case["clock"])
                self.assertEqual(found.hex(), case["eid"])

    def test_frames(self):
        cases = [case for case in self.groups["frames"] if not case["omit_flags"]]
        self.assertEqual({case["curve"] for case in cases}, set(eid.CURVES))
        for case in cases:
            with self.subTest(case["id"]):
                found = eid.frame(eid.CURVES[case["curve"]], bytes.fromhex(case["eik"]), case["clock"],
                                  _BATTERIES.index(case["battery"]), case["utp"])
                self.assertEqual(found.hex(), case["frame"])


if __name__ == "__main__":
    unittest.main()
