"""What a beacon has to advertise, computed from the specification without any code of Signet: the judge of what is on the
air (FMDN specification, "EID computation", tables 8 and 9; SEC 2 for the curves)."""

import dataclasses
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PERIOD = 1024  # seconds
MAX_JITTER = 204

_FLAGS = bytes.fromhex("020106")
_EXPONENT = 10


@dataclasses.dataclass(frozen=True)
class Curve:
    """y^2 = x^3 - 3x + b over the prime field `p`; a point of order `n`. An identifier has `size` octets."""

    name: str
    size: int
    p: int
    n: int
    point: tuple[int, int]

    def x_of_multiple(self, factor: int) -> int:
        result = None
        for bit in f"{factor:b}":
            result = self._sum(result, result)
            if bit == "1":
                result = self._sum(result, self.point)
        return result[0]

    def _sum(self, one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
        if one is None or other is None:
            return one or other
        (x1, y1), (x2, y2), p = one, other, self.p
        if one == other:
            slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, p)
        elif x1 == x2:
            return None
        else:
            slope = (y2 - y1) * pow(x2 - x1, -1, p)
        x = (slope * slope - x1 - x2) % p
        return x, (slope * (x1 - x) - y1) % p


SECP160R1 = Curve(
    "secp160r1", 20, 2**160 - 2**31 - 1, 0x0100000000000000000001F4C8F927AED3CA752257,
    (0x4A96B5688EF573284664698968C38BB913CBFC82, 0x23A628553168947D59DCC912042351377AC5FB32))
SECP256R1 = Curve(
    "secp256r1", 32, 2**256 - 2**224 + 2**192 + 2**96 - 1,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5))
CURVES = {curve.name: curve for curve in (SECP160R1, SECP256R1)}


def eid(curve: Curve, key: bytes, clock: int) -> bytes:
    """The identifier at a time of the beacon's clock."""
    return curve.x_of_multiple(_scalar(curve, key, clock)).to_bytes(curve.size, "big")


def frame(curve: Curve, key: bytes, clock: int, battery: int = 0, unwanted_tracking: bool = False) -> bytes:
    """The whole payload: flags first, then the service data with the octet of hidden flags. `battery`: 0 unsupported, 1
    normal, 2 low, 3 critical."""
    scalar = _scalar(curve, key, clock) & (1 << 8 * curve.size) - 1
    mask = hashlib.sha256(scalar.to_bytes(curve.size, "big")).digest()[-1]
    kind = 0x41 if unwanted_tracking else 0x40
    hidden = (battery << 1 | unwanted_tracking) ^ mask
    data = b"\x16\xaa\xfe" + bytes([kind]) + eid(curve, key, clock) + bytes([hidden])
    return _FLAGS + bytes([len(data)]) + data


def _scalar(curve: Curve, key: bytes, clock: int) -> int:
    start = (clock - clock % PERIOD).to_bytes(4, "big")
    block = b"".join(bytes([filler]) * 11 + bytes([_EXPONENT]) + start for filler in (0xFF, 0x00))
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return int.from_bytes(encryptor.update(block), "big") % curve.n
