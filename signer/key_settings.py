"""Where a key is and what it may be used for, as a table of ``agencies.toml`` says it.

::

    kind = "pkcs11"                   # a token; or "pkcs12" (development only), or "csc" (a remote signing service)
    module = "/usr/lib/softhsm/libsofthsm2.so"
    token = "antin-demo"
    label = "so-tnmt"
    pin_env = "ANTIN_PIN"             # or pin_file = "…"; never the PIN itself
    per_hour = 200                    # optional rules, see ``signer/key_rules.py``
    per_day = 1000
    hours = { days = [1, 2, 3, 4, 5], from = "07:00", to = "18:00" }
    agencies = ["so-tnmt"]
    remote_hash_signing = false

A signatory's key may be elsewhere, on a token on the desk: ``kind = "elsewhere"`` with ``certificate = "….pem"`` alone.
The person signs in a session of two steps first (``POST /v1/signing-sessions``); this service only seals.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from signer.key_rules import MAX_NAME_CHARACTERS, KeyRules, read_rules
from signer.keyring import ElsewhereKeyReference, FileKeyReference, KeyReference, RemoteKeyReference, TokenKeyReference
from signer.keys_remote import CscVersion
from signer.secret import SecretSource

DEFAULT_TIMEOUT_S = 20.0
"""A remote service may ask its own HSM; one exchange longer than this means that it is not there."""


def key_reference(entry: Mapping[str, Any], folder: Path) -> KeyReference:
    """Where a key is (``kind``, and what that kind needs); relative paths start at ``folder``.

    Raises:
        KeyError, ValueError: something is missing or unknown.
    """
    match entry["kind"]:
        case "pkcs12":
            return FileKeyReference(folder / entry["path"], _secret(entry, "passphrase", folder))
        case "pkcs11":
            pin = _needed(entry, "pin", folder, "PKCS#11")
            certificate = _path(entry.get("certificate"), folder)
            return TokenKeyReference(str(entry["module"]), str(entry["token"]), str(entry["label"]), pin, certificate)
        case "csc":
            return _remote(entry, folder)
        case "elsewhere":
            if more := sorted(entry.keys() - {"kind", "certificate"}):
                raise ValueError(f"a key that is elsewhere has a certificate and no {more[0]}")
            return ElsewhereKeyReference(folder / entry["certificate"])
        case kind:
            raise ValueError(f"unknown kind of key: {kind}")


def key_rules(entry: Mapping[str, Any], folder: Path) -> KeyRules:
    """What a key may be used for; its name is where it is, without path and secret, unless ``name`` says another.

    Raises:
        KeyError, ValueError: as ``key_reference``, or a rule is malformed.
    """
    return read_rules(_name(key_reference(entry, folder))[:MAX_NAME_CHARACTERS], entry)


def _name(reference: KeyReference) -> str:
    match reference:
        case FileKeyReference():
            return f"pkcs12:{reference.path.name}"
        case TokenKeyReference():
            return f"pkcs11:{reference.token}/{reference.label}"
        case RemoteKeyReference():
            return f"csc:{urlsplit(reference.url).netloc}/{reference.credential}"
        case ElsewhereKeyReference():
            return f"elsewhere:{reference.certificate.name}"


def _remote(entry: Mapping[str, Any], folder: Path) -> RemoteKeyReference:
    url = str(entry["url"]).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.username or parts.query or parts.fragment:
        raise ValueError("url: the http(s) address before /csc, without a user or a query")
    return RemoteKeyReference(
        url=url,
        version=CscVersion(str(entry.get("version", CscVersion.V1))),
        credential=str(entry["credential"]),
        access_token=_needed(entry, "access_token", folder, "CSC"),
        pin=_secret(entry, "pin", folder),
        otp=_secret(entry, "otp", folder),
        certificate=_path(entry.get("certificate"), folder),
        timeout_s=float(entry.get("timeout_s", DEFAULT_TIMEOUT_S)),
    )


def _needed(entry: Mapping[str, Any], name: str, folder: Path, kind: str) -> SecretSource:
    found = _secret(entry, name, folder)
    if found is None:
        raise ValueError(f"a {kind} key needs {name}_env or {name}_file")
    return found


def _secret(entry: Mapping[str, Any], name: str, folder: Path) -> SecretSource | None:
    if name in entry:
        raise ValueError(f"a {name} does not stand in this file: use {name}_env or {name}_file")
    variable, path = entry.get(f"{name}_env"), entry.get(f"{name}_file")
    if variable is None and path is None:
        return None
    return SecretSource(variable, _path(path, folder))


def _path(value: str | None, folder: Path) -> Path | None:
    return None if value is None else folder / value
