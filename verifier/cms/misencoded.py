"""A signer identifier whose issuer a signing program wrote in UTF-8 twice: which certificate does it mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asn1crypto import x509

from verifier.guard import attempt


def meant_by(signer_info: Any, certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates of the serial number that is named, whose issuer's name in UTF-8, taken for Latin-1 and written
    in UTF-8 once more, is the name that stands there.

    node-forge does so with every name that is not ASCII. Nothing in the identifier is signed (RFC 5652 §5.3), so it
    proves nothing where it is right either: the certificate's key has to verify the value.
    """
    identifier = signer_info["sid"]
    if identifier.name != "issuer_and_serial_number":
        return []
    written, serial = identifier.chosen["issuer"], identifier.chosen["serial_number"].native
    same = [certificate for certificate in certificates if certificate.serial_number == serial]
    return [one for one in same if attempt("issuer", lambda one=one: _twice(one.issuer) == _texts(written)) is True]  # type: ignore[misc]


def _texts(name: x509.Name) -> list[list[tuple[str, str]]]:
    """(type, text) of every attribute, by relative distinguished names, in their order."""
    return [[(one["type"].dotted, str(one["value"].native)) for one in rdn] for rdn in name.chosen]


def _twice(name: x509.Name) -> list[list[tuple[str, str]]]:
    return [[(kind, text.encode("utf-8").decode("latin-1")) for kind, text in rdn] for rdn in _texts(name)]
