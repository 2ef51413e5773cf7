#!/usr/bin/python3
"""What Signet makes, read by python3-jwcrypto and python3-cryptography; used by second_opinion_test.cpp.

  second_opinion.py ticket TICKET CA      files; verifies and prints the payload
  second_opinion.py decrypt JWE KEY       files; KEY a private key in PEM; prints the plaintext
Fails when anything does not verify.
"""
import base64
import json
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto import jwe, jwk, jws


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def check_ticket(compact, ca_pem):
    header = json.loads(base64.urlsafe_b64decode(compact.split(".")[0] + "=="))
    assert header["alg"] == "ES256" and header["typ"] == "eat+jwt" and len(header["x5c"]) == 1
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    ca = x509.load_pem_x509_certificate(ca_pem)
    assert certificate.issuer == ca.subject
    ca.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
    assert len(list(certificate.extensions)) >= 5  # every extension can be read

    token = jws.JWS()
    token.deserialize(compact)
    token.verify(jwk.JWK.from_pyca(certificate.public_key()), alg="ES256")
    return token.payload


def decrypt(compact, key_pem):
    token = jwe.JWE()
    token.deserialize(compact, key=jwk.JWK.from_pem(key_pem))
    return token.payload


def main():
    what, first, second = sys.argv[1:]
    run = {"ticket": check_ticket, "decrypt": decrypt}[what]
    sys.stdout.buffer.write(run(read(first).decode().strip(), read(second)))


if __name__ == "__main__":
    main()
