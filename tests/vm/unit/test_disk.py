import random
import socket
import struct
import unittest

from lib.disk import SECTOR, Disk

_SECTORS = 64


class Guest:
    """What QEMU's client of NBD does, for one connection."""

    READ, WRITE, FLUSH = 0, 1, 3

    def __init__(self, disk: Disk):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(disk.path)
        self._receive(18)
        self._socket.sendall(struct.pack(">I", 1))
        self._socket.sendall(struct.pack(">QII", 0x49484156454F5054, 7, 0))  # an option that is not known
        assert self._receive(20)[12:16] == b"\x80\0\0\1"
        self._socket.sendall(struct.pack(">QII", 0x49484156454F5054, 1, 0))
        self.size = int.from_bytes(self._receive(134)[:8], "big")

    def ask(self, kind: int, sector: int = 0, octets: bytes = b"", length: int = 0, flags: int = 0) -> None:
        header = struct.pack(">IHHQQI", 0x25609513, flags, kind, 5, sector * SECTOR, len(octets) or length)
        self._socket.sendall(header + octets)

    def write(self, sector: int, octets: bytes, through: bool = False) -> None:
        self.ask(self.WRITE, sector, octets, flags=int(through))
        self._receive(16)

    def flush(self) -> None:
        self.ask(self.FLUSH)
        self._receive(16)

    def read(self, sector: int) -> bytes:
        self.ask(self.READ, sector, length=SECTOR)
        return self._receive(16 + SECTOR)[16:]

    def hears_nothing(self) -> bool:
        self._socket.settimeout(0.2)
        try:
            self._socket.recv(1)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        self._socket.close()

    def _receive(self, length: int) -> bytes:
        octets = b""
        while len(octets) < length:
            octets += self._socket.recv(length - len(octets))
        return octets


def filled(value: int) -> bytes:
    return bytes([value]) * SECTOR


class ADisk(unittest.TestCase):
    def setUp(self):
        self.disk = self.enterContext(Disk(bytes(_SECTORS * SECTOR), random.Random(1)))
        self.guest = Guest(self.disk)

    def tearDown(self):
        self.guest.close()

    def lose_power(self) -> None:
        self.guest.close()
        self.disk.wait_until_unplugged()
        self.disk.lose_power()
        self.guest = Guest(self.disk)

    def test_has_the_size_of_its_content(self):
        self.assertEqual(self.guest.size, _SECTORS * SECTOR)

    def test_is_read_as_it_was_written(self):
        self.guest.write(3, filled(1))

        self.assertEqual(self.guest.read(3), filled(1))

    def test_keeps_what_was_flushed(self):
        self.guest.write(3, filled(1))
        self.guest.flush()

        self.lose_power()

        self.assertEqual(self.guest.read(3), filled(1))

    def test_keeps_what_was_written_through_and_not_what_came_before(self):
        for sector in range(_SECTORS - 1):
            self.guest.write(sector, filled(1))
        self.guest.write(_SECTORS - 1, filled(2), through=True)

        self.lose_power()

        self.assertEqual(self.guest.read(_SECTORS - 1), filled(2))
        self.assertIn(filled(0), [self.guest.read(sector) for sector in range(_SECTORS - 1)])

    def test_keeps_some_of_what_was_not_flushed(self):
        for sector in range(_SECTORS):
            self.guest.write(sector, filled(1))

        self.lose_power()

        self.assertEqual({self.guest.read(sector) for sector in range(_SECTORS)}, {filled(0), filled(1)})

    def test_stops_before_the_chosen_flush(self):
        self.disk.cut_at(2)
        self.guest.write(0, filled(1))
        self.guest.flush()
        self.assertFalse(self.disk.cut())

        self.guest.ask(Guest.FLUSH)

        self.assertTrue(self.guest.hears_nothing())
        self.assertTrue(self.disk.cut())
        self.lose_power()
        self.guest.flush()  # and takes everything again
        self.assertEqual(self.guest.read(0), filled(1))
