"""What a file's own promise asks of the content that we add: a PDF/A stays a PDF/A (ISO 19005)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from signer.geometry import entry

MAX_METADATA_BYTES = 1_000_000
_NAMESPACE = b"aiim.org/pdfa/ns/id"
_PART = re.compile(rb":part(?:\s*=\s*[\"']|(?:\s[^<>]*)?>)\s*(\d)")
"""As an attribute or an element, whatever prefix it has."""

WHITE_POINT = (0.9505, 1.0, 1.089)
PRIMARIES = (0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505)
"""IEC 61966-2-1 (sRGB), as the X Y Z of red, green and blue."""


@dataclass(frozen=True)
class OutputRules:
    """``calibrated``: no colour of the device (ISO 19005-1 6.2.3). ``transparency``: blending and soft masks allowed
    (not in PDF/A-1, 6.4; without an output intent only on pages that name a colour space to blend in: ISO 19005-2
    6.2.10). ``every_field_shown``: a field that shows nothing has an appearance too (ISO 19005-1 6.9).
    """

    calibrated: bool = False
    transparency: bool = True
    every_field_shown: bool = False


ANY_PDF = OutputRules()
PDF_A = OutputRules(calibrated=True)
PDF_A_PLAIN = OutputRules(calibrated=True, transparency=False, every_field_shown=True)


def output_rules(catalog: generic.DictionaryObject) -> OutputRules:
    """The rules of a document by what its metadata says of it (``pdfaid:part``)."""
    metadata = entry(catalog, "/Metadata")
    if not isinstance(metadata, generic.StreamObject) or len(metadata.data) > MAX_METADATA_BYTES:
        return ANY_PDF
    said = metadata.data.replace(b"\x00", b"")  # UTF-16 as well
    found = _PART.search(said) if _NAMESPACE in said else None
    if found is None:
        return ANY_PDF
    blends = found[1] != b"1" and bool(entry(catalog, "/OutputIntents"))
    return PDF_A if blends else PDF_A_PLAIN


def calibrated_rgb() -> generic.ArrayObject:
    """sRGB as a CalRGB colour space (ISO 32000-2 8.6.5.3): allowed in every part of PDF/A without a profile."""
    numbers = {"/WhitePoint": WHITE_POINT, "/Gamma": (2.2, 2.2, 2.2), "/Matrix": PRIMARIES}
    space = {pdf_name(name): generic.ArrayObject(map(generic.FloatObject, row)) for name, row in numbers.items()}
    return generic.ArrayObject([pdf_name("/CalRGB"), generic.DictionaryObject(space)])
