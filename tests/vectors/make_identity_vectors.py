#!/usr/bin/python3
"""Makes identity.json, format "identity-vectors/1": known answers for tickets, made without any code of Signet.

Standard library, python3-cryptography (DER of certificates) and python3-jwcrypto (a second opinion on every signature).
All keys are TEST KEYS, small numbers and patterns that protect nothing. Signatures are deterministic (RFC 6979), so
that the file is the same octet for octet whenever it is made:  make_identity_vectors.py > identity.json
"""
import base64
import datetime
import hashlib
import hmac
import json
import struct
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jwcrypto import jwk, jws

ARC = "1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740"
HARDWARE, EMULATED, CHALLENGES, TICKETS, DIGEST = (f"{ARC}.{i}" for i in range(1, 6))
NOW = 1900000000
YEAR = 365 * 86400
AUDIENCE = "https://registrar.example"


def b64u(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def sha256(octets):
    return hashlib.sha256(octets).digest()


def mac(key, octets):
    return hmac.new(key, octets, hashlib.sha256).digest()


# ---- ECDSA with P-256, deterministic (RFC 6979 section 3.2) ----

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point=G):
    result = None
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def sign(scalar, octets):
    """r || s"""
    z = int.from_bytes(sha256(octets), "big")
    seed = scalar.to_bytes(32, "big") + (z % N).to_bytes(32, "big")
    v, k = b"\1" * 32, b"\0" * 32
    for mark in (b"\0", b"\1"):
        k = mac(k, v + mark + seed)
        v = mac(k, v)
    while True:
        v = mac(k, v)
        nonce = int.from_bytes(v, "big")
        if 0 < nonce < N:
            break
        k = mac(k, v + b"\0")
        v = mac(k, v)
    r = multiply(nonce)[0] % N
    s = pow(nonce, -1, N) * (z + r * scalar) % N
    assert r and s
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Key:
    """A test key: its private half is a small number."""

    def __init__(self, scalar):
        self.scalar = scalar
        self.x, self.y = (n.to_bytes(32, "big") for n in multiply(scalar))
        self.openssl = ec.derive_private_key(scalar, ec.SECP256R1())
        self.public_der = self.openssl.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        assert self.public_der.endswith(self.x + self.y)
        self.jwk = jwk.JWK(kty="EC", crv="P-256", x=b64u(self.x), y=b64u(self.y))

    def sign(self, octets):
        return sign(self.scalar, octets)


# ---- certificates and revocation lists, their signatures replaced by deterministic ones ----

def der(tag, content):
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def der_integer(octets):
    octets = octets.lstrip(b"\0") or b"\0"
    return der(2, (b"\0" if octets[0] & 0x80 else b"") + octets)


def resigned(tbs, key):
    raw = key.sign(tbs)
    signature = der(0x30, der_integer(raw[:32]) + der_integer(raw[32:]))
    es256 = bytes.fromhex("300a06082a8648ce3d040302")
    return der(0x30, tbs + es256 + der(3, b"\0" + signature))


def time(seconds):
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)


def certificate(subject, ou, public_key, issuer, issuer_key, serial, begin, end, ca=False, policies=(), uses=()):
    def name(cn, unit=None):
        parts = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
        return x509.Name(parts + [x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    builder = (x509.CertificateBuilder().subject_name(name(subject, ou)).issuer_name(name(issuer))
               .public_key(public_key).serial_number(serial).not_valid_before(time(begin)).not_valid_after(time(end))
               .add_extension(x509.BasicConstraints(ca, 0 if ca else None), True)
               .add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), True))
    if policies:
        builder = builder.add_extension(x509.CertificatePolicies(
            [x509.PolicyInformation(x509.ObjectIdentifier(p), None) for p in policies]), False)
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(u) for u in uses]), False)
    made = builder.sign(issuer_key.openssl, hashes.SHA256())
    return resigned(made.tbs_certificate_bytes, issuer_key)


def revocation_list(issuer, key, begin, end, serials):
    builder = (x509.CertificateRevocationListBuilder()
               .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
               .last_update(time(begin)).next_update(time(end)).add_extension(x509.CRLNumber(1), False))
    for serial in serials:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(time(begin)).build())
    return resigned(builder.sign(key.openssl, hashes.SHA256()).tbs_certlist_bytes, key)


# ---- the device ----

ROOT_SECRET = bytes([0x0a]) * 32
CID = bytes(range(0x10, 0x20))


def hkdf(secret, salt, info, size=32):
    prk = mac(salt, secret)
    out, block = b"", b""
    for i in range(1, 255):
        if len(out) >= size:
            return out[:size]
        block = mac(prk, block + info + bytes([i]))
        out += block


def masked(cid):
    return bytes(0 if i in (9, 15) else octet for i, octet in enumerate(cid))


RPMB_KEY = hkdf(ROOT_SECRET, masked(CID), b"signet rpmb key v1")
UEID = b"\1" + hkdf(ROOT_SECRET, masked(CID), b"signet ueid v1")
OTHER_UEID = b"\1" + bytes(32)
STORE_ID = bytes([0x5d]) * 32


def check_value(key):
    return mac(key, b"signet kcv v1")[:8]


DEVICE, OTHER_DEVICE = Key(1001), Key(1002)
HARDWARE_CA, EMULATED_CA, IMPOSTOR_CA = Key(2001), Key(2002), Key(2003)


# ---- frames (JESD84-B51 6.6.22) ----

def frame(kind, nonce, data=bytes(256), counter=0, address=0, blocks=0, result=0):
    return bytearray(bytes(228) + data + nonce + struct.pack(">IHHHH", counter, address, blocks, result, kind))


def authenticated(frames, key):
    frames[-1][196:228] = mac(key, b"".join(bytes(f[228:]) for f in frames))
    return frames


def anchor(ueid):
    return (b"SGA1" + bytes([1, 2, 2, 0]) + struct.pack(">II", 512, 1) + STORE_ID + ueid).ljust(256, b"\0")


def nonce(label, b):
    return sha256(label + b"\0" + b)[:16]


class Chip:
    """Answers to the two reads of a ticket; every oddity is a parameter."""

    def __init__(self, key=RPMB_KEY, ueid=UEID, counter=7, result=0):
        self.key, self.ueid, self.counter, self.result = key, ueid, counter, result
        self.address, self.blocks, self.data_kind, self.counter_kind = 0, 4, 0x0400, 0x0200
        self.data_label, self.counter_label = b"signet-ticket-v1 data", b"signet-ticket-v1 counter"
        self.anchors = (0, 2)

    def with_(self, **changes):
        self.__dict__.update(changes)
        return self

    def frames(self, b):
        read = [frame(self.data_kind, nonce(self.data_label, b), anchor(self.ueid) if i in self.anchors else bytes(256),
                      address=self.address, blocks=self.blocks, result=self.result) for i in range(4)]
        counter = [frame(self.counter_kind, nonce(self.counter_label, b), counter=self.counter, result=self.result)]
        return [bytes(f) for f in authenticated(read, self.key) + authenticated(counter, self.key)]


# ---- tickets ----

def default_claims():
    return {"eat_profile": "tag:signet,2026:ticket-1", "eat_nonce": b64u(bytes([0x21]) * 32), "sgt_use": "challenge",
            "aud": AUDIENCE, "iat": NOW, "exp": NOW + 300, "jti": b64u(bytes([0x22]) * 16), "ueid": b64u(UEID),
            "hwmodel": "model-1.a", "sgt_app": "org.example.app", "sgt_gen": 3,
            "sgt_chip": {"transport": "emmc", "key_protection": "soft", "kcv": b64u(check_value(RPMB_KEY))}}


def text(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def device_certificate(cn=None, ou="3", serial=0x1234, begin=NOW - YEAR, end=NOW + YEAR, policies=(HARDWARE,),
                       uses=(TICKETS,), issuer="Test hardware CA", issuer_key=HARDWARE_CA, key=DEVICE):
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key.openssl.public_key()
    return certificate(cn or b64u(UEID), ou, public, issuer, issuer_key, serial, begin, end, False, policies, uses)


CERTIFICATES = {
    "hardware_ca": certificate("Test hardware CA", None, HARDWARE_CA.openssl.public_key(), "Test hardware CA",
                               HARDWARE_CA, 1, NOW - 2 * YEAR, NOW + 2 * YEAR, True, (HARDWARE,)),
    "emulated_ca": certificate("Test emulated CA", None, EMULATED_CA.openssl.public_key(), "Test emulated CA",
                               EMULATED_CA, 2, NOW - 2 * YEAR, NOW + 2 * YEAR, True, (EMULATED,)),
    "expired_ca": certificate("Test hardware CA", None, HARDWARE_CA.openssl.public_key(), "Test hardware CA",
                              HARDWARE_CA, 3, NOW - 2 * YEAR, NOW - 61, True, (HARDWARE,)),
    "no_ca": certificate("Test hardware CA", None, HARDWARE_CA.openssl.public_key(), "Test hardware CA",
                         HARDWARE_CA, 4, NOW - 2 * YEAR, NOW + 2 * YEAR, False, (HARDWARE,)),
    "impostor_ca": certificate("Test hardware CA", None, IMPOSTOR_CA.openssl.public_key(), "Test hardware CA",
                               IMPOSTOR_CA, 5, NOW - 2 * YEAR, NOW + 2 * YEAR, True, (HARDWARE,)),
}
LISTS = {
    "hardware": revocation_list("Test hardware CA", HARDWARE_CA, NOW - 3600, NOW + 3600, [0x4321]),
    "emulated": revocation_list("Test emulated CA", EMULATED_CA, NOW - 3600, NOW + 3600, [0x1234]),
    "hardware_revoking": revocation_list("Test hardware CA", HARDWARE_CA, NOW - 3600, NOW + 3600, [0x99, 0x1234]),
    "hardware_old": revocation_list("Test hardware CA", HARDWARE_CA, NOW - 7200, NOW - 61, []),
    "hardware_old_revoking": revocation_list("Test hardware CA", HARDWARE_CA, NOW - 7200, NOW - 61, [0x1234]),
    "hardware_future": revocation_list("Test hardware CA", HARDWARE_CA, NOW + 61, NOW + 7200, []),
    "hardware_forged": revocation_list("Test hardware CA", IMPOSTOR_CA, NOW - 3600, NOW + 3600, []),
}
DEVICE_CERTIFICATE = device_certificate()


def read_claims(payload):
    """What a reader of the payload must find, in the terms of the document."""
    claims = json.loads(payload)
    begin = payload.find('"ext":')
    ext = payload[begin + 6:-1] if begin >= 0 else ""  # it comes last here
    return {"use": claims["sgt_use"], "nonce": claims["eat_nonce"], "audience": claims["aud"],
            "issued_at": claims["iat"], "expires_at": claims["exp"], "id": claims["jti"],
            "ueid": base64.urlsafe_b64decode(claims["ueid"] + "==").hex(), "model_id": claims["hwmodel"],
            "sn": claims.get("sgt_sn"), "app_id": claims["sgt_app"], "generation": claims["sgt_gen"],
            "transport": claims["sgt_chip"]["transport"], "key_protection": claims["sgt_chip"]["key_protection"],
            "kcv": base64.urlsafe_b64decode(claims["sgt_chip"]["kcv"] + "==").hex(),
            "confirmation": claims.get("cnf", {}).get("jkt"), "ext": ext}


TICKETS_MADE = []


def ticket(name, parse="ok", signature="ok", rpmb="not_checked: the ticket has no frames", *, chip=None, claims=None,
           payload=None, header=None, raw_header=None, x5c=DEVICE_CERTIFICATE, key=DEVICE, alter=None, padding=None,
           anchors=("hardware_ca", "emulated_ca"), revoked=("emulated", "hardware"), need_list=True, at=NOW,
           audience=AUDIENCE, kcv=None, public_key=None):
    """One ticket and what is to be said of it. Claims and header members that are None are left out."""
    merged = {**default_claims(), **(claims or {})}
    payload = payload or text({k: v for k, v in merged.items() if v is not None})
    b = payload.encode()
    parts = {"alg": "ES256", "typ": "eat+jwt"}
    if x5c is not None:
        parts["x5c"] = [base64.b64encode(x5c).decode()]
    frames = chip.frames(b) if chip else []
    if padding is not None:
        frames[padding // 512] = bytes(1 if i == padding % 512 else o for i, o in enumerate(frames[padding // 512]))
    if frames:
        parts["sgt-rpmb"] = [b64u(f) for f in frames]
    parts.update(header or {})
    parts = {k: v for k, v in parts.items() if v is not None}
    signing_input = b64u((raw_header or text(parts)).encode()) + "." + b64u(b)
    raw = key.sign(signing_input.encode())
    compact = signing_input + "." + b64u(raw)
    if alter:
        compact = alter(compact)
    elif parse == "ok":
        second_opinion = jws.JWS()
        second_opinion.deserialize(compact)
        second_opinion.verify(key.jwk, alg="ES256")

    entry = {"name": name, "ticket": compact, "time": at, "audience": audience, "rpmb_key": RPMB_KEY.hex(),
             "kcv": (kcv or check_value(RPMB_KEY)).hex()}
    if public_key:
        entry["public_key"] = public_key.public_der.hex()
    else:
        entry.update({"anchors": list(anchors), "revoked": list(revoked), "need_revocation_list": need_list})
    expect = {"parse": parse}
    if parse == "ok":
        expect.update({"signature": signature, "rpmb": rpmb, "payload": payload,
                       "frames": b"".join(frames).hex(),
                       "signature_octets": base64.urlsafe_b64decode(compact.rsplit(".", 1)[1] + "==").hex(),
                       "certificate": base64.b64encode(x5c).decode() if x5c else None, "claims": read_claims(payload)})
        if rpmb == "ok":
            expect.update({"write_counter": chip.counter, "store_id": STORE_ID.hex()})
    entry["expect"] = expect
    TICKETS_MADE.append(entry)


def good_tickets():
    ticket("challenge, everything in it", rpmb="ok", chip=Chip(),
           payload=text({**default_claims(), "sgt_sn": "SN_0001", "cnf": {"jkt": b64u(bytes([0x23]) * 32)}})[:-1] +
           ',"ext":{"n": 0.10, "t":"\u00e9\\u0041"}}')
    ticket("bearer, as little as possible in it", rpmb="ok", chip=Chip(), claims={"sgt_use": "bearer"})
    ticket("without frames")
    ticket("emulated chip", rpmb="ok", chip=Chip(),
           claims={"sgt_chip": {**default_claims()["sgt_chip"], "transport": "emulator"}},
           x5c=device_certificate(policies=(EMULATED,), issuer="Test emulated CA", issuer_key=EMULATED_CA,
                                  serial=0x4321))
    ticket("registration: no certificate", rpmb="ok", chip=Chip(), x5c=None, public_key=DEVICE)
    ticket("expired write counter", rpmb="ok", chip=Chip(counter=0xFFFFFFFF, result=0x80))
    ticket("one anchor lost", rpmb="ok", chip=Chip().with_(anchors=(2,)))
    ticket("unknown claim and unknown header", claims={"sgt_new": [1, {"a": None}]}, header={"kid": "x"})
    ticket("shortest nonce", claims={"eat_nonce": b64u(bytes(16))})
    ticket("longest nonce", claims={"eat_nonce": b64u(bytes(64))})
    ticket("longest life", claims={"exp": NOW + 3600})
    ticket("a clock 60 s behind", at=NOW - 60)
    ticket("a clock 359 s after iat", at=NOW + 359)
    ticket("longest ext", payload=text(default_claims())[:-1] + ',"ext":{' + " " * 1022 + "}}")
    ticket("revocation list not wanted", revoked=(), need_list=False)
    ticket("a certificate that expired 60 s ago", x5c=device_certificate(end=NOW - 60))


def bad_headers():
    def header(name, reason, **members):
        ticket("header: " + name, "header: " + reason, header={k.replace("_", "-"): v for k, v in members.items()})
    header("alg none", "alg: must be ES256", alg="none")
    header("alg ES384", "alg: must be ES256", alg="ES384")
    header("unknown crit", "crit: must not be there", crit=["sgt_new"], sgt_new=1)
    header("empty crit", "crit: must not be there", crit=[])
    header("b64", "b64: must not be there", b64=False)
    header("typ JWT", "typ: must be eat+jwt", typ="JWT")
    header("no typ", "typ: must be eat+jwt", typ=None)
    header("two certificates", "x5c: must be an array of 1 string",
           x5c=[base64.b64encode(DEVICE_CERTIFICATE).decode(), base64.b64encode(CERTIFICATES["hardware_ca"]).decode()])
    header("no certificate in x5c", "x5c: must be an array of 1 string", x5c=[])
    header("x5c in base64url", "x5c: must be canonical base64", x5c=[b64u(DEVICE_CERTIFICATE + b"\xff")])
    header("x5c with spare bits", "x5c: must be canonical base64", x5c=["AB=="])
    header("x5c that is no certificate", "x5c: is no X.509 certificate in DER", x5c=["AAAA"])
    header("a certificate of another curve", "x5c: subjectPublicKeyInfo: must be a P-256 key",
           x5c=[base64.b64encode(device_certificate(key=ec.derive_private_key(7, ec.SECP384R1()))).decode()])
    header("four frames", "sgt-rpmb: must be an array of 5 strings", sgt_rpmb=[b64u(bytes(512))] * 4)
    header("no frame in sgt-rpmb", "sgt-rpmb: must be an array of 5 strings", sgt_rpmb=[])
    header("short frames", "sgt-rpmb: must be canonical base64url of 512 octets each", sgt_rpmb=[b64u(bytes(511))] * 5)
    header("frames with spare bits", "sgt-rpmb: must be canonical base64url of 512 octets each",
           sgt_rpmb=[b64u(bytes(512))[:-1] + "B"] * 5)
    ticket("header: a member twice", 'header: has the member "alg" twice',
           raw_header='{"alg":"none","alg":"ES256","typ":"eat+jwt"}')
    ticket("header: an array", "header: is not an object", raw_header="[]")
    # A verifier that believes the header would take the public key for the secret of an HMAC.
    hs = b64u(b'{"alg":"HS256","typ":"eat+jwt"}') + "." + b64u(text(default_claims()).encode())
    ticket("header: alg HS256", "header: alg: must be ES256",
           alter=lambda compact: hs + "." + b64u(mac(DEVICE.public_der, hs.encode())))


def bad_forms():
    spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    ticket("form: two parts", "must have three parts", alter=lambda c: c.rsplit(".", 1)[0])
    ticket("form: four parts", "must have three parts", alter=lambda c: c + ".")
    ticket("form: spare bits of the signature", "signature: must be canonical base64url",
           alter=lambda c: c[:-1] + spare[spare.index(c[-1]) ^ 1])
    ticket("form: padding", "signature: must be canonical base64url", alter=lambda c: c + "==")
    ticket("form: a signature of 63 octets", "signature: must have 64 octets", alter=lambda c: c[:-2])
    ticket("form: too long", "has more than 32768 octets", header={"kid": "x" * 32768})


def bad_claims():
    def claim(name, reason, **claims):
        ticket("claim: " + name, "payload: " + reason, claims=claims)
    chip = default_claims()["sgt_chip"]
    printable = "aud: must be 1 to 256 printable ASCII characters"
    moment = "must be a whole number from 0 to 253402300799"
    claim("no profile", "eat_profile: is missing", eat_profile=None)
    claim("another profile", "eat_profile: must be tag:signet,2026:ticket-1", eat_profile="tag:signet,2026:ticket-2")
    claim("short nonce", "eat_nonce: must be base64url of 16 to 64 octets", eat_nonce=b64u(bytes(15)))
    claim("long nonce", "eat_nonce: must be base64url of 16 to 64 octets", eat_nonce=b64u(bytes(65)))
    claim("nonce with spare bits", "eat_nonce: must be base64url of 16 to 64 octets", eat_nonce="A" * 21 + "B")
    claim("two nonces", "eat_nonce: must be a string", eat_nonce=[b64u(bytes(16)), b64u(bytes(16))])
    claim("another use", "sgt_use: must be one of challenge, bearer", sgt_use="proof")
    claim("no audience", "aud: is missing", aud=None)
    claim("empty audience", printable, aud="")
    claim("long audience", printable, aud="a" * 257)
    claim("audience with a control character", printable, aud="a\nb")
    claim("two audiences", "aud: must be a string", aud=[AUDIENCE])
    claim("iat as text", "iat: " + moment, iat=str(NOW))
    claim("iat with a fraction", "iat: " + moment, iat=NOW + 0.5)
    claim("negative iat", "iat: " + moment, iat=-1)
    claim("no exp", "exp: is missing", exp=None)
    claim("exp at iat", "exp: must be later than iat", exp=NOW)
    claim("a life of 3601 s", "exp: must be at most 3600 s after iat", exp=NOW + 3601)
    claim("short jti", "jti: must be base64url of 16 octets", jti=b64u(bytes(15)))
    claim("short ueid", "ueid: must be base64url of 33 octets", ueid=b64u(UEID[:32]))
    claim("ueid of another type", "ueid: must begin with the octet 0x01", ueid=b64u(b"\2" + UEID[1:]))
    claim("hwmodel with a slash", "hwmodel: '/' at position 2 is none of A-Z a-z 0-9 _ - .", hwmodel="a/b")
    claim("long hwmodel", "hwmodel: has 65 characters, must have 1 to 64", hwmodel="m" * 65)
    claim("serial number with a dot", "sgt_sn: '.' at position 2 is none of A-Z a-z 0-9 _ -", sgt_sn="a.b")
    claim("no app", "sgt_app: is missing", sgt_app=None)
    claim("generation out of range", "sgt_gen: must be a whole number from 0 to 4294967295", sgt_gen=2**32)
    claim("no chip", "sgt_chip: is missing", sgt_chip=None)
    claim("another transport", "sgt_chip.transport: must be one of emmc, ufs, emulator",
          sgt_chip={**chip, "transport": "nvme"})
    claim("another protection", "sgt_chip.key_protection: must be one of soft, tpm2, tee",
          sgt_chip={**chip, "key_protection": "none"})
    claim("short kcv", "sgt_chip.kcv: must be base64url of 8 octets", sgt_chip={**chip, "kcv": b64u(bytes(7))})
    claim("cnf without a thumbprint", "cnf.jkt: is missing", cnf={})
    claim("ext that is an array", "ext: must be an object", ext=[])
    ticket("claim: ext of 1025 octets", "payload: ext: must have at most 1024 octets",
           payload=text(default_claims())[:-1] + ',"ext":{' + " " * 1023 + "}}")
    ticket("claim: twice", 'payload: has the member "sgt_gen" twice',
           payload='{"sgt_gen":2,' + text(default_claims())[1:])
    ticket("claim: twice, one of them escaped", 'payload: has the member "sgt_gen" twice',
           payload='{"sgt_g\\u0065n":2,' + text(default_claims())[1:])
    ticket("claim: twice within ext", 'payload: has the member "a" twice',
           payload=text(default_claims())[:-1] + ',"ext":{"a":1,"a":1}}')
    ticket("claims that are an array", "payload: is not an object", payload="[]")


def bad_trust():
    def refused(name, reason, **how):
        ticket("trust: " + name, signature="failed: " + reason, **how)
    refused("no certificate", "certificate: there is none", x5c=None)
    refused("no CA", "certificate: issued by an unknown CA", anchors=())
    refused("another CA", "certificate: issued by an unknown CA", anchors=("emulated_ca",))
    refused("a CA of that name", "certificate: the CA's signature does not fit", anchors=("impostor_ca",))
    refused("an anchor that is no CA", "certificate: not a CA", anchors=("no_ca",))
    refused("expired", "certificate: expired", x5c=device_certificate(end=NOW - 61))
    refused("not yet valid", "certificate: not yet valid", x5c=device_certificate(begin=NOW + 61))
    refused("the CA has expired", "certificate: the CA: expired", anchors=("expired_ca",))
    refused("revoked", "certificate: revoked", revoked=("hardware_revoking",))
    refused("revoked by an old list", "certificate: revoked", revoked=("hardware", "hardware_old_revoking"))
    refused("no list", "certificate: revocation unknown", revoked=())
    refused("only another CA's list", "certificate: revocation unknown", revoked=("emulated",))
    refused("an old list", "certificate: revocation unknown", revoked=("hardware_old",))
    refused("a list of the future", "certificate: revocation unknown", revoked=("hardware_future",))
    refused("a forged list", "certificate: revocation unknown", revoked=("hardware_forged",))
    refused("a certificate for challenges", "certificate: is not for tickets",
            x5c=device_certificate(uses=(CHALLENGES,)))
    refused("a certificate for nothing", "certificate: is not for tickets", x5c=device_certificate(uses=()))
    refused("another device's certificate", "certificate: is another device's",
            x5c=device_certificate(cn=b64u(OTHER_UEID)))
    refused("another generation", "certificate: is of another generation", x5c=device_certificate(ou="2"))
    refused("a generation with a leading zero", "certificate: is of another generation",
            x5c=device_certificate(ou="03"))
    kind = "certificate: is for another kind of chip"
    emulated = {"sgt_chip": {**default_claims()["sgt_chip"], "transport": "emulator"}}
    refused("an emulator with a hardware certificate", kind, claims=emulated)
    refused("hardware with an emulator's certificate", kind,
            x5c=device_certificate(policies=(EMULATED,), issuer="Test emulated CA", issuer_key=EMULATED_CA, serial=6))
    refused("a hardware policy from the emulated CA", kind,
            x5c=device_certificate(issuer="Test emulated CA", issuer_key=EMULATED_CA, serial=6))
    refused("both policies", kind, x5c=device_certificate(policies=(HARDWARE, EMULATED)))
    refused("no policy", kind, x5c=device_certificate(policies=()))
    refused("another key's signature", "signature: does not fit", key=OTHER_DEVICE)
    refused("another key's signature in a registration", "signature: does not fit", x5c=None, public_key=OTHER_DEVICE)
    refused("another audience", "aud: is for another audience", audience=AUDIENCE + "/")
    refused("issued in the future", "iat: is in the future", at=NOW - 61)
    refused("expired ticket", "exp: expired", at=NOW + 360)


def bad_frames():
    def refused(name, reason, chip, **how):
        ticket("frames: " + name, rpmb="failed: " + reason, chip=chip, **how)
    refused("data nonce of evidence", "data: nonce_mismatch", Chip().with_(data_label=b"signet-evidence-v1 data"))
    refused("counter nonce of evidence", "counter: nonce_mismatch",
            Chip().with_(counter_label=b"signet-evidence-v1 counter"))
    refused("data read with the counter's nonce", "data: nonce_mismatch",
            Chip().with_(data_label=b"signet-ticket-v1 counter"))
    refused("another address", "data: address_mismatch", Chip().with_(address=4))
    refused("another block count", "data: block_count_mismatch", Chip().with_(blocks=5))
    refused("another chip", "data: mac_mismatch", Chip(key=bytes(32)))
    refused("another ueid", "ueid", Chip(ueid=OTHER_UEID))
    refused("no anchor", "anchor", Chip().with_(anchors=()))
    refused("a counter read for the data", "data: type_mismatch", Chip().with_(data_kind=0x0200))
    refused("a write answer for the counter", "counter: type_mismatch", Chip().with_(counter_kind=0x0300))
    refused("a failed read", "data: device_result", Chip(result=6))
    refused("a result above 0xff", "data: bad_result_field", Chip(result=0x100))
    refused("a stuff octet", "padding", Chip(), padding=3)
    refused("a MAC where there is none", "padding", Chip(), padding=512 + 200)
    refused("another check value", "kcv: is another key's", Chip(), kcv=check_value(bytes(32)))


def document():
    good_tickets()
    bad_headers()
    bad_forms()
    bad_claims()
    bad_trust()
    bad_frames()
    b = text(default_claims()).encode()
    labels = [f"signet-{what}-v1 {part}" for what in ("ticket", "evidence") for part in ("data", "counter")]
    ids = [("000102030405060708090a0b0c0d0e0f", "model-1", "SN1", "app"), ("ff" * 16, "a.b_c-D", "x_y-Z", "org.example")]
    return {
        "format": "identity-vectors/1",
        "conventions": {
            "keys": "every key and secret here is a TEST KEY, made of small numbers and patterns: use it nowhere",
            "hex": "lower case, no separators; frames are concatenated",
            "verdict": "'ok', or a status and its reason: 'failed: ...', 'not_checked: ...'; "
                       "'parse': 'ok', or part, member and rule",
            "anchors": "names of 'certificates', base64 of DER; 'revoked': names of 'revocation_lists', likewise",
            "public_key": "where it is, the ticket is a registration's: verified with this SubjectPublicKeyInfo alone"},
        "derivations": [{"root_secret": ROOT_SECRET.hex(), "cid": CID.hex(), "rpmb_key": RPMB_KEY.hex(),
                         "ueid": UEID.hex(), "kcv": check_value(RPMB_KEY).hex(),
                         "cid_hash": sha256(b"signet cid v1\0" + masked(CID)).hex()}],
        "identity_digests": [{"registration_id": r, "model_id": m, "sn": s, "app_id": a, "digest": sha256(
            b"signet identity v1\0" + bytes.fromhex(r) + f"{m}\0{s}\0{a}".encode()).hex()} for r, m, s, a in ids],
        "thumbprints": [{"public_key": k.public_der.hex(), "thumbprint": k.jwk.thumbprint()}
                        for k in (DEVICE, OTHER_DEVICE)],
        "nonces": [{"label": label, "b": octets.hex(), "nonce": nonce(label.encode(), octets).hex()}
                   for label in labels for octets in (b"", b)],
        "certificates": {k: base64.b64encode(v).decode() for k, v in CERTIFICATES.items()},
        "revocation_lists": {k: base64.b64encode(v).decode() for k, v in LISTS.items()},
        "tickets": TICKETS_MADE,
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")
