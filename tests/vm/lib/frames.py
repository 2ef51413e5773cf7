"""RPMB answer frames (JESD84-B51, 6.6.22) and evidence made of them, judged independently of Signet's own code."""

import hashlib
import hmac
import struct

_FRAME = 512
ANCHOR_MAGIC = b"SGA1"


def rpmb_key(root_secret: bytes, cid: bytes) -> bytes:
    """The chip's key as rpmbd has to derive it: HKDF-SHA256 (RFC 5869)."""
    salt = bytearray(cid)
    salt[9] = salt[15] = 0  # the octets that a firmware update of a chip changes
    extracted = hmac.digest(bytes(salt), root_secret, hashlib.sha256)
    return hmac.digest(extracted, b"signet rpmb key v1" + b"\x01", hashlib.sha256)


def evidence_counter(evidence: bytes, key: bytes, namespace: str, data: bytes) -> int | None:
    """The chip's write counter as evidence over `data` proves it; None when it is not genuine."""
    anchors, counter = evidence[: 4 * _FRAME], evidence[4 * _FRAME :]
    if not _authentic(anchors, key, _nonce("data", namespace, data)):
        return None
    if not _authentic(counter, key, _nonce("counter", namespace, data)):
        return None
    if anchors[228:232] != ANCHOR_MAGIC:
        return None
    (value,) = struct.unpack_from(">I", counter, 500)
    return value


def _authentic(answer: bytes, key: bytes, nonce: bytes) -> bool:
    """Whether the answer to one read carries `nonce` everywhere and ends in the right MAC."""
    frames = [answer[i : i + _FRAME] for i in range(0, len(answer), _FRAME)]
    mac = hmac.digest(key, b"".join(frame[228:] for frame in frames), hashlib.sha256)
    return all(frame[484:500] == nonce for frame in frames) and hmac.compare_digest(mac, frames[-1][196:228])


def _nonce(what: str, namespace: str, data: bytes) -> bytes:
    label = f"signet-evidence-v1 {what}".encode()
    return hashlib.sha256(label + b"\0" + namespace.encode() + b"\0" + data).digest()[:16]
