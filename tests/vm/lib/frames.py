"""RPMB answer frames, judged independently of Signet's own code (JESD84-B51, 6.6.22)."""

import hashlib
import hmac
import struct

FRAME = 512
ANCHOR_MAGIC = b"SGA1"


def authentic(frames: bytes, key: bytes, nonce: bytes) -> bool:
    """Whether the answer to one read carries `nonce` everywhere and ends in the right MAC."""
    parts = [frames[i : i + FRAME] for i in range(0, len(frames), FRAME)]
    mac = hmac.digest(key, b"".join(part[228:] for part in parts), hashlib.sha256)
    return all(part[484:500] == nonce for part in parts) and hmac.compare_digest(mac, parts[-1][196:228])


def counter(frame: bytes) -> int:
    (value,) = struct.unpack_from(">I", frame, 500)
    return value


def evidence_nonce(what: str, namespace: str, data: bytes) -> bytes:
    """`what`: "data" or "counter" (identity protocol, section 4)."""
    label = f"signet-evidence-v1 {what}".encode()
    return hashlib.sha256(label + b"\0" + namespace.encode() + b"\0" + data).digest()[:16]
