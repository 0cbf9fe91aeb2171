"""The Cloud Signature Consortium's API (1.0.4 and 2.0) for agency seals by digest: ``/csc/v1/…``, ``/csc/v2/…``.

The bearer token is the portal's key, a credential is an agency. Failures have CSC's own form (``error``,
``error_description``): ``api/problems.py`` sees to it for everything under ``/csc/``. Members that are not known are
passed over, as CSC asks.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from asn1crypto import algos, keys, x509
from flask import Blueprint, Response, jsonify, request

from api import current
from api.access import Rule, access
from api.actions import hash_signing
from api.errors import Kind, RequestError
from api.v1.csc_description import MAX_TEXT_CHARS, csc_openapi
from api.v1.reading import json_value

blueprint = Blueprint("csc", __name__)
"""Registered once for each version, under ``/csc/v1`` and ``/csc/v2``."""

Json = dict[str, Any]

MAX_BODY_BYTES = 64 * 1024
SPECS = {"v1": "1.0.4.0", "v2": "2.0.0.0"}
METHODS = ["info", "credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"]
KEY_ALGORITHMS = {"rsa": "1.2.840.113549.1.1.1", "ecdsa": "1.2.840.10045.2.1"}
"""``signAlgo`` may name the key's algorithm alone, with the digest's beside it (CSC v1.0.4 §11.9)."""


@blueprint.get("/openapi.json")
@access(Rule.PUBLIC)
def description() -> Response:
    """This version as OpenAPI 3.1."""
    return jsonify(csc_openapi(_version()))


@blueprint.post("/info")
@access(Rule.PUBLIC)
def info() -> Response:
    """What this service is (CSC §11.1)."""
    return jsonify(
        {
            "specs": SPECS[_version()],
            "name": "Ấn Tín",
            "logo": "",
            "region": "VN",
            "lang": "vi-VN",
            "description": current.texts().say("csc.description", current.language()),
            "authType": ["external"],
            "methods": METHODS,
        }
    )


@blueprint.post("/credentials/list")
@access(Rule.PORTAL)
def list_credentials() -> Response:
    """The agencies whose key the caller may have sign digests (CSC §11.4); one page, for there are few."""
    _body()
    return jsonify({"credentialIDs": hash_signing.credentials(current.services(), current.caller())})


@blueprint.post("/credentials/info")
@access(Rule.PORTAL)
def show_credential() -> Response:
    """One agency's key and certificates (CSC §11.5). Nobody types a PIN: ``authMode`` is implicit, SCAL is 2."""
    body = _body()
    agency = _text(body, "credentialID")
    wanted = body.get("certificates", "single")
    if wanted not in ("none", "single", "chain"):
        raise _wrong("certificates")
    found = hash_signing.credential(current.services(), current.caller(), agency)
    certificate = x509.Certificate.load(found.certificate)
    answer: Json = {
        "description": found.name,
        "key": _key(certificate.public_key),
        "cert": {"status": "valid" if found.valid else "expired"},
        "SCAL": "2",
        "multisign": hash_signing.MAX_DIGESTS,
        "lang": "vi-VN",
    }
    shown = {"none": (), "single": (found.certificate,), "chain": (found.certificate, *found.chain)}[wanted]
    if shown:
        answer["cert"]["certificates"] = [base64.b64encode(der).decode() for der in shown]
    if body.get("certInfo") is True:
        answer["cert"] |= {
            "issuerDN": certificate.issuer.human_friendly,
            "serialNumber": f"{certificate.serial_number:X}",
            "subjectDN": certificate.subject.human_friendly,
            "validFrom": f"{certificate.not_valid_before:%Y%m%d%H%M%SZ}",
            "validTo": f"{certificate.not_valid_after:%Y%m%d%H%M%SZ}",
        }
    answer |= {"authMode": "implicit"} if _version() == "v1" else {"auth": {"mode": "implicit"}}
    return jsonify(answer)


@blueprint.post("/credentials/authorize")
@access(Rule.PORTAL)
def authorize() -> Response:
    """Signature activation data for exactly these digests (CSC §11.6)."""
    body = _body()
    agency = _text(body, "credentialID")
    digests = _digests(body, _version())
    count = body.get("numSignatures", len(digests))
    if isinstance(count, bool) or count != len(digests):
        raise _wrong("numSignatures")
    algorithm = _digest_algorithm(body, _version(), digests)
    given = hash_signing.authorize(current.services(), current.caller(), agency, digests, algorithm)
    return jsonify({"SAD": given.sad, "expiresIn": given.lifetime_s})


@blueprint.post("/signatures/signHash")
@access(Rule.PORTAL)
def sign_hash() -> Response:
    """Signature values over authorised digests (CSC §11.9), all of them or none."""
    body = _body()
    agency, sad, sign_algorithm = (_text(body, name) for name in ("credentialID", "SAD", "signAlgo"))
    if body.get("operationMode", "S") != "S":
        raise _wrong("operationMode")
    services, caller = current.services(), current.caller()
    digests = _digests(body, _version())
    kind = _key_kind(x509.Certificate.load(hash_signing.credential(services, caller, agency).certificate).public_key)
    algorithm = _digest_algorithm(body, _version(), digests, sign_algorithm)
    if sign_algorithm not in (KEY_ALGORITHMS[kind], algos.SignedDigestAlgorithmId(f"{algorithm}_{kind}").dotted):
        raise _wrong("signAlgo")
    values = hash_signing.sign_digests(services, caller, agency, sad, digests, algorithm)
    return jsonify({"signatures": [base64.b64encode(value).decode() for value in values]})


def _key(public_key: keys.PublicKeyInfo) -> Json:
    kind = _key_kind(public_key)
    algorithms = [algos.SignedDigestAlgorithmId(f"{name}_{kind}").dotted for name in hash_signing.DIGEST_BYTES]
    answer: Json = {"status": "enabled", "algo": [KEY_ALGORITHMS[kind], *algorithms], "len": public_key.bit_size}
    if kind == "ecdsa":
        answer["curve"] = public_key.curve[1] if public_key.curve[0] == "named" else ""
    return answer


def _key_kind(public_key: keys.PublicKeyInfo) -> str:
    return "rsa" if public_key.algorithm == "rsa" else "ecdsa"


def _digests(body: Json, version: str) -> tuple[bytes, ...]:
    """The member ``hash`` (v1) or ``hashes`` (v2): Base64 each."""
    name = "hash" if version == "v1" else "hashes"
    values = body.get(name)
    if isinstance(values, str):  # some v1 clients send a single digest without its array
        values = [values]
    if not isinstance(values, list) or not 0 < len(values) <= hash_signing.MAX_DIGESTS:
        raise _wrong(name)
    digests = []
    for value in values:
        try:
            digests.append(base64.b64decode(value, validate=True) if isinstance(value, str) else b"")
        except (binascii.Error, ValueError) as error:
            raise _wrong(name) from error
    return tuple(digests)


def _digest_algorithm(body: Json, version: str, digests: tuple[bytes, ...], sign_algorithm: str | None = None) -> str:
    """Which digest it is: by name, by the signature's algorithm, else by length (v1's authorize does not say it)."""
    name = "hashAlgo" if version == "v1" else "hashAlgorithmOID"
    oid = body.get(name)
    if oid is None and sign_algorithm is not None and sign_algorithm not in KEY_ALGORITHMS.values():
        for algorithm in hash_signing.DIGEST_BYTES:
            suffixes = (f"{algorithm}_rsa", f"{algorithm}_ecdsa")
            if sign_algorithm in {algos.SignedDigestAlgorithmId(suffix).dotted for suffix in suffixes}:
                return algorithm
        raise _wrong("signAlgo")
    for algorithm, size in hash_signing.DIGEST_BYTES.items():
        if oid == algos.DigestAlgorithmId(algorithm).dotted or (oid is None and len(digests[0]) == size):
            return algorithm
    raise _wrong(name if oid is not None else "hash")


def _version() -> str:
    return request.path.split("/", 3)[2]


def _body() -> Json:
    value = json_value(MAX_BODY_BYTES)
    if not isinstance(value, dict):
        raise RequestError(Kind.MALFORMED_REQUEST, reason="json")
    return value


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT_CHARS:
        raise _wrong(name)
    return value


def _wrong(name: str) -> RequestError:
    return RequestError(Kind.INVALID_REQUEST, field=name, reason="malformed")
