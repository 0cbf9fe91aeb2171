"""List the signatures of a file that only qpdf can open, after its repair.

Integrity is judged on the file's own bytes all the same: a byte range needs no cross-reference table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf

from verifier.guard import Failure, attempt, plain
from verifier.signatures import MAX_FIELD_DEPTH, RawSignature

_TEXT_KEYS = ("Type", "Filter", "SubFilter", "Name", "Reason", "Location", "ContactInfo", "M")


def find_in_repaired(document: Any) -> list[RawSignature]:
    """Every filled signature field of qpdf's reading."""
    form = document.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return []
    fields = form.get("/Fields")
    return list(_walk(fields, "", None, set(), 0)) if isinstance(fields, pikepdf.Array) else []


def _walk(fields: Any, parent: str, inherited: str | None, seen: set[Any], depth: int) -> Iterator[RawSignature]:
    for field in list(fields) if depth < MAX_FIELD_DEPTH else ():
        if not isinstance(field, pikepdf.Dictionary) or (field.is_indirect and field.objgen in seen):
            continue
        seen.add(field.objgen)
        name = _text(field, "T")
        full_name = (f"{parent}.{name}" if parent else name) if name is not None else parent
        field_type = _text(field, "FT") or inherited
        value = field.get("/V")
        if isinstance(value, pikepdf.Dictionary) and (field_type == "Sig" or "/ByteRange" in value):
            yield _read(field, value, full_name)
        kids = field.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            yield from _walk(kids, full_name, field_type, seen, depth + 1)


def _read(field: Any, value: Any, name: str) -> RawSignature:
    numbers = attempt("byte range", lambda: tuple(int(number) for number in value.ByteRange))
    contents = attempt("contents", lambda: bytes(value.Contents))
    return RawSignature(
        field=name,
        field_ref=tuple(field.objgen) if field.is_indirect else None,
        object_ref=tuple(value.objgen) if value.is_indirect else None,
        byte_range=() if isinstance(numbers, Failure) else numbers,
        contents=b"" if isinstance(contents, Failure) else contents,
        texts={key: text for key in _TEXT_KEYS if (text := _text(value, key)) is not None},
    )


def _text(dictionary: Any, key: str) -> str | None:
    value = attempt(key, lambda: dictionary.get(f"/{key}"))
    if isinstance(value, pikepdf.Name):
        return plain(str(value)).removeprefix("/")
    return plain(str(value)) if isinstance(value, pikepdf.String) else None
