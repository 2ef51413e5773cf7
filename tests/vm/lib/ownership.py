"""A beacon that has an owner already, without a word over the air: the record that fmdnd keeps of him in a file, and his keyring
(docs/keyring.md)."""

import secrets
import struct
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lib import fmdnd
from lib.eid import Curve
from lib.machine import Machine

_STATE = "/var/lib/signet/fmdnd"
_KEYRING = "/tmp/keyring"
_ACCOUNT_KEY, _IDENTITY_KEY = 3, 4  # tags of its fields


def secrets_of(keyring: bytes, key_file: bytes) -> list[bytes]:
    """The keys of all devices in a keyring that is locked by a key file."""
    contents = AESGCM(_key(keyring, key_file)).decrypt(keyring[32:44], keyring[44:], keyring[:32])
    found = []
    (devices,) = struct.unpack_from(">H", contents)
    at = 2
    for _ in range(devices):
        end = at + 2 + struct.unpack_from(">H", contents, at)[0]
        at += 2
        while at < end:
            tag, size = struct.unpack_from(">BH", contents, at)
            if tag in (_ACCOUNT_KEY, _IDENTITY_KEY):
                found.append(contents[at + 3:at + 3 + size])
            at += 3 + size
    return found


def _key(header: bytes, key_file: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, header[16:32], b"signet keyring 1").derive(key_file)


class Ownership:
    def __init__(self, clock: int):
        """`clock`: of the beacon, whenever it begins()."""
        self.key = secrets.token_bytes(32)
        self._account_key = b"\x04" + secrets.token_bytes(15)
        self._clock = clock

    def files(self, model: fmdnd.Model, curve: Curve, more: str = "") -> dict[str, bytes]:
        """For a guest, with the configuration of its fmdnd. `more`: tables for it."""
        own = model.files(f'[beacon]\ncurve = "{curve.name}"\n[store]\nbackend = "file"\nfile = "{_STATE}/secrets"\n{more}')
        return own | {"etc/record": self._record(), "etc/keyring": self._keyring(own[fmdnd.OWNER_KEY], model, curve)}

    def begin(self, machine: Machine) -> None:
        """For the next start of fmdnd: the record as it was in the beginning, and its clock."""
        machine.run(f"mkdir -p {_STATE} && rm -f {_STATE}/clock {_STATE}/clock.2 && cp /etc/record {_STATE}/secrets && chmod 600 {_STATE}/secrets && "
                    f"cp /etc/keyring {_KEYRING} && chmod 600 {_KEYRING}")

    def _record(self) -> bytes:
        """Format 1 of daemons/fmdnd/record.h; one account key, the owner's."""
        keys = bytes([1, 0, 1]) + self._account_key
        return b"SFMD\x01" + struct.pack(">IH", self._clock, len(keys)) + keys + bytes([len(self.key)]) + self.key + b"\0"

    def _keyring(self, key_file: bytes, model: fmdnd.Model, curve: Curve) -> bytes:
        clock = struct.pack(">Iq", self._clock, int(time.time()))
        values = (b"bag", bytes.fromhex(model.id), self._account_key, self.key, bytes([curve.size == 32]), b"\1", clock)
        fields = b"".join(struct.pack(">BH", tag, len(value)) + value for tag, value in enumerate(values, 1))
        contents = struct.pack(">HH", 1, len(fields)) + fields
        header = b"SgntKeys\x01\x02" + bytes(6) + secrets.token_bytes(16)
        nonce = secrets.token_bytes(12)
        return header + nonce + AESGCM(_key(header, key_file)).encrypt(nonce, contents, header)
