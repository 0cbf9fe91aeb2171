"""Signatures that were there and are no longer: blanked, cut out, pointed past. Such a file is not an unsigned one.

A field that waits for its signature has no value, or a place that its program marked as not yet filled in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic

from verifier.guard import Failure, attempt
from verifier.pdf.recovery import MAX_RAW_DICTIONARIES, header_before
from verifier.pdf.updates.chain import Chain, read_chain
from verifier.pdf.updates.sections import IN_USE
from verifier.report import Finding, Severity

DESTROYED = "SIGNATURE-DESTROYED"
MAX_OBJECTS = 100_000
"""Objects of a file with compressed ones that are looked at."""
_TRACE = re.compile(rb"/ByteRange\b|/Type\s*/(?:Sig|DocTimeStamp)(?![A-Za-z0-9])")
_WAITING = re.compile(rb"/ByteRange\s*\[\s*(?:\d+\s*)?/\*")
_USAGE_RIGHTS = re.compile(rb"/TransformMethod\s*/UR3?\b")
_SIGNATURE_TYPES = ("/Sig", "/DocTimeStamp")
_SIGNATURES_EXIST = 1
"""Bit 1 of ``/SigFlags`` (table 225)."""


def destroyed(field: str = "") -> Finding:
    """The finding that a signature was there; ``field`` where it is known."""
    return Finding(DESTROYED, Severity.ERROR, (("field", field or "—"),))


def traces(data: bytes, reader: Any | None, repaired: Any | None) -> list[Finding]:
    """What a file in which no signature was found still says of one: in its bytes, compressed objects, catalog."""
    hits = [hit.start() for hit in islice(_TRACE.finditer(data), MAX_RAW_DICTIONARIES)]
    chain = read_chain(data) if hits else None
    if chain is not None and any(_is_trace(data, chain, hit) for hit in hits):
        return [destroyed()]
    compressed = attempt("compressed", lambda: b"/ObjStm" in data and _in_objects(data, repaired))
    declared = attempt("declared", lambda: reader is not None and _is_declared(reader.root))
    return [destroyed()] if compressed is True or declared is True else []


def _stands_in_chain(data: bytes, chain: Chain, offset: int) -> bool:
    """Whether an offset lies in an object that some revision of this very file names; not in a file inside it."""
    if chain.broken is not None:
        return True
    header = header_before(data, offset)
    if header is None:
        return False
    number = int(header[1])
    named = (section.merged.get(number) for section in chain.sections)
    return any(entry is not None and entry.kind == IN_USE and entry.first == header.start() for entry in named)


def _is_trace(data: bytes, chain: Chain, offset: int) -> bool:
    header = header_before(data, offset)
    if header is None or not _stands_in_chain(data, chain, offset):
        return False
    end = data.find(b"endobj", offset)
    said = data[header.start() : end if end > 0 else len(data)]
    return _USAGE_RIGHTS.search(said) is None and _WAITING.search(said) is None


def _in_objects(data: bytes, repaired: Any | None) -> bool:
    """A signature dictionary among the objects, wherever it hangs."""
    pdf = repaired if repaired is not None else pikepdf.open(io.BytesIO(data), suppress_warnings=True)
    found = any(_is_signature(item) for item in islice(_dictionaries(pdf), MAX_OBJECTS))
    if repaired is None:
        pdf.close()
    return found


def _is_signature(item: Any) -> bool:
    if str(item.get("/Type", "")) not in _SIGNATURE_TYPES and "/ByteRange" not in item:
        return False
    text = item.unparse(resolved=True)
    return _USAGE_RIGHTS.search(text) is None and _WAITING.search(text) is None


def _dictionaries(pdf: Any) -> Iterator[Any]:
    return (item for item in pdf.objects if isinstance(item, pikepdf.Dictionary))


def _is_declared(root: generic.DictionaryObject) -> bool:
    """The catalog names a certification, or says that signatures exist and has no field for one."""
    permissions = _entry(root, "/Perms")
    if isinstance(permissions, generic.DictionaryObject) and "/DocMDP" in permissions:
        return True
    form = _entry(root, "/AcroForm")
    flags = _entry(form, "/SigFlags")
    return isinstance(flags, int) and bool(flags & _SIGNATURES_EXIST) and not _has_signature_field(form)


def _has_signature_field(form: Any) -> bool:
    front, seen = [_entry(form, "/Fields")], 0
    while front and seen < MAX_OBJECTS:
        seen += 1
        item = front.pop()
        if isinstance(item, generic.ArrayObject):
            front.extend(attempt("field", entry.get_object) for entry in item)
        elif isinstance(item, generic.DictionaryObject):
            if _entry(item, "/FT") == "/Sig":
                return True
            front.append(_entry(item, "/Kids"))
    return bool(front)


def _entry(dictionary: Any, key: str) -> Any:
    if not isinstance(dictionary, generic.DictionaryObject) or key not in dictionary:
        return None
    value = attempt(key, lambda: dictionary[key])
    return None if isinstance(value, Failure) else value
