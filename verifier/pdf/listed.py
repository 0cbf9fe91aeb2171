"""A signature dictionary as a parser found it, before anything is measured: what the listers hand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MAX_FIELD_DEPTH = 64
"""Levels of a form tree that are followed; honest forms have a handful."""

TEXT_KEYS = ("Type", "Filter", "SubFilter", "Name", "Reason", "Location", "ContactInfo", "M")


@dataclass(frozen=True)
class RawSignature:
    """A signature dictionary and where it hangs, in plain values; ``field`` is None outside any field.

    ``contents_at`` is the offset of ``<`` where the bytes themselves were searched, else None.
    """

    field: str | None
    field_ref: tuple[int, int] | None
    object_ref: tuple[int, int] | None
    byte_range: tuple[int, ...]
    contents: bytes
    texts: Mapping[str, str]
    certificates: tuple[bytes, ...] = ()
    embedded: EmbeddedPdfSignature | None = None
    contents_at: int | None = None
    usage_rights: bool = False
    """Adobe's permission to fill a form in Reader (UR3, ISO 32000-1 12.8.2.3): no signature of anybody's."""
    waiting: bool = False
    """A place prepared for a signature, whose byte range its program has marked as not yet known."""
