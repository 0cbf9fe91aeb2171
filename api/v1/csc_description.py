"""The OpenAPI descriptions of the CSC API, one for each version: ``/csc/v1/openapi.json``, ``/csc/v2/openapi.json``.

Apart from the description of ``/v1``, because failures there are problem documents and here have CSC's own form.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from api.actions.hash_signing import DIGEST_BYTES, MAX_DIGESTS
from api.v1.operations import answer
from api.v1.schema_parts import Schema, list_of, object_of, ref, text

Json = dict[str, Any]

MAX_TEXT_CHARS = 512

_ANY_TEXT: Schema = {"type": "string"}
_CREDENTIAL = text("Key of an agency whose seal key may sign digests", least=1, most=MAX_TEXT_CHARS)
_OID: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)+$"}
_DIGEST: Schema = {"type": "string", "description": f"Base64 of a digest of {sorted(set(DIGEST_BYTES.values()))} bytes"}
_DIGESTS: Schema = {**list_of(_DIGEST, "All of one algorithm"), "minItems": 1, "maxItems": MAX_DIGESTS}

_ERRORS = {
    "400": "invalid_request: what was asked is not as it should be",
    "401": "invalid_token: no portal's key, or one that holds no longer",
    "403": "access_denied: not this caller's, or refused by a rule of the key",
    "500": "server_error: an incident, with its id",
    "503": "temporarily_unavailable: ask again after Retry-After",
}


@cache
def csc_openapi(version: str) -> Json:
    """The whole description of ``v1`` or ``v2``, ready for ``json.dumps``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Ấn Tín: the CSC API {version}",
            "version": "1.0.0",
            "summary": "An agency's seal key signs digests for other software.",
            "description": (
                "The API of the Cloud Signature Consortium (1.0.4 and 2.0) for keys with `remote_hash_signing = true`. "
                "A credential is an agency. `credentials/authorize` gives signature activation data for exactly the "
                "digests it names, once, for five minutes; then `signatures/signHash` signs those. Unknown members are "
                "passed over."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": {f"/csc/{version}/{method}": {"post": operation} for method, operation in _operations(version)},
        "components": {
            "schemas": _schemas(version),
            "securitySchemes": {
                "portalKey": {"type": "http", "scheme": "bearer", "description": "The portal's key, as under /v1"}
            },
        },
    }


def _operations(version: str) -> list[tuple[str, Json]]:
    def operation(identifier: str, summary: str, shapes: str, *, open_to_all: bool = False) -> Json:
        left_out = {"401", "403"} if open_to_all else set()
        failed = {
            status: {"description": said, "content": {"application/json": {"schema": ref("Error")}}}
            for status, said in _ERRORS.items()
            if status not in left_out
        }
        described: Json = {
            "operationId": identifier,
            "summary": summary,
            "security": [] if open_to_all else [{"portalKey": []}],
            "responses": {"200": answer(summary, shapes), **failed},
        }
        if not open_to_all:
            body = {"application/json": {"schema": ref(f"{shapes}Request")}}
            described["requestBody"] = {"required": True, "content": body}
        return described

    return [
        ("info", operation("info", "What this service is", "Info", open_to_all=True)),
        ("credentials/list", operation("listCredentials", "The agencies whose key may be used", "CredentialList")),
        ("credentials/info", operation("getCredential", "An agency's key and certificates", "Credential")),
        ("credentials/authorize", operation("authorize", "Activation data for exactly these digests", "Activation")),
        ("signatures/signHash", operation("signHash", "Signature values, all or none", "Signatures")),
    ]


def _schemas(version: str) -> dict[str, Schema]:
    digests = {"hash": {"anyOf": [_DIGEST, _DIGESTS]}} if version == "v1" else {"hashes": _DIGESTS}
    algorithm = "hashAlgo" if version == "v1" else "hashAlgorithmOID"
    asked = {"credentialID": _CREDENTIAL, **digests}
    named = {algorithm: {**_OID, "description": "The digests' algorithm; told by their length if absent"}}
    mode: dict[str, Schema] = (
        {"authMode": {"const": "implicit"}} if version == "v1" else {"auth": object_of({"mode": {"const": "implicit"}})}
    )
    return {
        "Info": object_of(
            {
                **dict.fromkeys(("specs", "name", "logo", "region", "lang", "description"), _ANY_TEXT),
                "authType": list_of({"type": "string"}, "How callers are known"),
                "methods": list_of({"type": "string"}, "What can be called"),
            }
        ),
        "CredentialListRequest": {"type": "object"},
        "CredentialList": object_of({"credentialIDs": list_of(_CREDENTIAL, "All of them; one page")}),
        "CredentialRequest": object_of(
            {
                "credentialID": _CREDENTIAL,
                "certificates": {"type": "string", "enum": ["none", "single", "chain"], "default": "single"},
                "certInfo": {"type": "boolean", "default": False},
            },
            optional=("certificates", "certInfo"),
        ),
        "Credential": _credential(mode),
        "ActivationRequest": object_of(
            {**asked, **named, "numSignatures": {"type": "integer", "minimum": 1, "description": "As many as digests"}},
            optional=(algorithm, "numSignatures"),
        ),
        "Activation": object_of(
            {
                "SAD": {"type": "string", "description": "Secret; good once, for exactly these digests"},
                "expiresIn": {"type": "integer", "minimum": 1, "description": "Seconds"},
            }
        ),
        "SignaturesRequest": object_of(
            {
                **asked,
                "SAD": text("From authorize", least=1, most=MAX_TEXT_CHARS),
                "signAlgo": {**_OID, "description": "Of the signature, or the key's algorithm alone"},
                **named,
                "operationMode": {"const": "S", "description": "The answer is waited for"},
            },
            optional=(algorithm, "operationMode"),
        ),
        "Signatures": object_of({"signatures": list_of({"type": "string"}, "Base64, in the digests' order")}),
        "Error": object_of({"error": {"type": "string"}, "error_description": {"type": "string"}}),
    }


def _credential(mode: dict[str, Schema]) -> Schema:
    about = ("issuerDN", "serialNumber", "subjectDN", "validFrom", "validTo")
    certificate = object_of(
        {
            "status": {"type": "string", "enum": ["valid", "expired"]},
            "certificates": list_of({"type": "string"}, "Base64 of DER; the signer's, then its issuers"),
            **dict.fromkeys(about, _ANY_TEXT),
        },
        optional=("certificates", *about),
    )
    key = object_of(
        {
            "status": {"const": "enabled"},
            "algo": list_of(_OID, "What signAlgo may name"),
            "len": {"type": "integer", "description": "Bits"},
            "curve": {"type": "string", "description": "Of an elliptic key"},
        },
        optional=("curve",),
    )
    return object_of(
        {
            "description": {"type": "string", "description": "Name of the agency"},
            "key": key,
            "cert": certificate,
            "SCAL": {"const": "2", "description": "Activation is bound to the digests"},
            "multisign": {"type": "integer", "const": MAX_DIGESTS, "description": "Digests at once"},
            "lang": {"type": "string"},
            **mode,
        }
    )
