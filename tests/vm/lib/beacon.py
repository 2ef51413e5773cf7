"""The beacon as others see it: what of hci0's adverts is its, judged from the capture."""

import time

from lib import on_air
from lib.bluetooth import Bluetooth
from lib.machine import GuestFailure

_UUID = b"\xaa\xfe"  # of the Find My Device Network, as it lies in a frame behind the flags


class Beacon:
    def __init__(self, stack: Bluetooth):
        self._stack = stack

    def spans(self) -> list[on_air.Span]:
        """Its adverts since the stack was started, each with its time on the air."""
        return [one for one in on_air.on_air(self._stack.records(), 0) if one.advert.payload[5:7] == _UUID]

    def frames(self) -> list[on_air.Advert]:
        """Those that are on the air now."""
        now = self._stack.mark("now")
        return on_air.at(self.spans(), now)

    def wait_for_frame(self, seconds: float = 60) -> on_air.Advert:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := self.frames():
                return found[0]
            time.sleep(0.2)
        raise GuestFailure(f"the beacon is not on the air within {seconds} s")
