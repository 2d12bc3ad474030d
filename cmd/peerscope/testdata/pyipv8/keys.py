"""Fresh keys of py-ipv8's levels, and what curve a key blob is of.

python keys.py FILE writes a new curve25519 key as py-ipv8's nodes keep theirs, and prints its mid as JSON.
"""
import base64
import hashlib
import json
import os
import sys

LEVELS = ("very-low", "low", "medium", "high", "curve25519")

# The object identifiers 1.3.132.0.N of the five binary curves, by N.
_CURVES = {1: "sect163k1", 26: "sect233k1", 36: "sect409k1", 38: "sect571k1", 39: "sect571r1"}
_CURVE_PREFIX = bytes.fromhex("06052b810400")


def new_key(level):
    """A private key of py-ipv8's own making."""
    from ipv8.keyvault.crypto import default_eccrypto

    return default_eccrypto.generate_key(level)


def private_text(key):
    """The private key as a configuration holds it."""
    return base64.b64encode(key.key_to_bin()).decode()


def key_type(public_blob):
    """curve25519, or the name of the binary curve in a public key blob."""
    if public_blob.startswith(b"LibNaCLPK:"):
        return "curve25519"
    return _CURVES[public_blob[public_blob.index(_CURVE_PREFIX) + len(_CURVE_PREFIX)]]


def mid(public_blob):
    """The identity hash of a public key blob, in hex."""
    return hashlib.sha1(public_blob).hexdigest()


def main():
    import guard

    guard.install()
    key = new_key("curve25519")
    with open(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.key_to_bin())
    print(json.dumps({"mid": mid(key.pub().key_to_bin())}))


if __name__ == "__main__":
    main()
