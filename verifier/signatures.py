"""The signatures of a PDF, listed, and how much of the file each one covers.

A listing never raises for one bad signature: what could not be read stands in the entry's ``findings``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verifier.report import Coverage, Finding, SignatureKind

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature


@dataclass(frozen=True)
class ListedSignature:
    """One signature dictionary as it stands in the file, in plain values, before any cryptography.

    Offsets are bytes from the start of the file. ``contents_start`` is the offset of ``<``, ``contents_end`` the one
    past ``>``; both None where the gap of the byte range could not be found. ``revision_end`` is the end of the covered
    bytes (``byte_range[2] + byte_range[3]``), 0 where there is no usable byte range.
    """

    field: str | None
    """Fully qualified field name, decoded; None for a signature dictionary outside any field."""
    kind: SignatureKind
    subfilter: str | None
    """Without the slash: ``ETSI.CAdES.detached``; None where absent."""
    byte_range: tuple[int, ...]
    contents: bytes
    """``/Contents`` as decoded from the hex string, padding included."""
    contents_start: int | None
    contents_end: int | None
    revision_end: int
    object_ref: tuple[int, int] | None
    """Object number and generation of the signature dictionary; None where it is a direct object."""
    field_refs: tuple[tuple[int, int], ...] = ()
    """Every field that points to this dictionary (more than one is a finding)."""
    dictionary: dict[str, str] = field(default_factory=dict)
    """Texts of the dictionary: Type, Filter, SubFilter, Name, Reason, Location, ContactInfo, M."""
    certificates: tuple[bytes, ...] = ()
    """``/Cert`` (only adbe.x509.rsa_sha1), DER."""
    coverage: Coverage = Coverage.NONE
    findings: tuple[Finding, ...] = ()
    embedded: EmbeddedPdfSignature | None = None
    """pyHanko's handle on the shared reader; None where it could not make one. Never leaves the worker process."""
