"""Was the file saved again after it was scanned: revisions by walking ``/Prev`` (ISO 32000-2 7.5.6)."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from itertools import pairwise

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from verifier.guard import Failure, attempt

_LINEARIZED = re.compile(rb"/Linearized\s+\d")
LINEARIZED_WINDOW_BYTES = 1024
"""The linearisation dictionary stands within the first 1024 bytes (ISO 32000-2 F.3.3)."""
_SIGNATURE_VALUE = re.compile(rb"<[0-9A-Fa-f\s]{200,}>")
"""What stands between the two parts of a signed range; the smallest CMS has more."""
_END = re.compile(rb"%%EOF\s*\Z")
END_WINDOW_BYTES = 64
_STARTXREF = re.compile(rb"startxref\s+\d+\s+%%EOF")


@dataclass(frozen=True)
class Revisions:
    """How often the file was saved, and how many of that signatures explain.

    ``later`` are revisions after the first. ``unexplained``: neither a signature, nor the validation data and document
    time stamp that each signature may bring, accounts for them.
    """

    later: int
    signatures: int

    @property
    def unexplained(self) -> bool:
        """A signature takes a revision, and its validation data may take two more (PAdES-B-LTA)."""
        return self.later > 3 * self.signatures


def read_revisions(data: bytes) -> Revisions:
    """Count the revisions; a linearised file has two cross-reference sections and one revision.

    Where the cross-references are damaged, the end markers are counted.
    """
    counted = attempt("signatures", lambda: _signatures(data))
    signatures = 0 if isinstance(counted, Failure) else counted
    starts = attempt("revisions", lambda: _section_starts(data))
    linearised = _LINEARIZED.search(data[:LINEARIZED_WINDOW_BYTES]) is not None
    if isinstance(starts, Failure):
        return Revisions(max(0, len(_STARTXREF.findall(data)) - 1 - linearised), signatures)
    later = sum(older < newer for older, newer in pairwise(starts))
    backwards = sum(older > newer for older, newer in pairwise(starts))
    return Revisions(later + max(0, backwards - linearised), signatures)


def _section_starts(data: bytes) -> list[int]:
    """Where the cross-reference sections begin, oldest first; a hybrid file's stream belongs to its table."""
    cache = PdfFileReader(io.BytesIO(data), strict=False).xrefs
    return [cache.get_xref_container_info(revision).start_location for revision in range(cache.total_revisions)]


def _signatures(data: bytes) -> int:
    """Signatures in fields of the form whose range ends with a revision: a ``/ByteRange`` written anywhere is none.

    Whether they are valid is the verifier's question; here they only account for revisions.
    """
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    ends = set()
    for _, value, _ in enumerate_sig_fields(reader, filled_status=True):
        first, length, second, rest = (int(number) for number in value.get_object()["/ByteRange"])
        whole = first == 0 and 0 < length < second and second + rest <= len(data)
        if whole and _SIGNATURE_VALUE.fullmatch(data, length, second):
            end = second + rest
            if _END.search(data[max(0, end - END_WINDOW_BYTES) : end]):
                ends.add(end)
    return len(ends)
