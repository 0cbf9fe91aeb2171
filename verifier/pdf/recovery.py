"""List signatures that pyHanko cannot reach: through qpdf's repair, and from the bytes alone.

Integrity is judged on the file's own bytes all the same: a byte range needs no cross-reference table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pikepdf

from verifier.guard import Failure, attempt, plain
from verifier.pdf.listed import MAX_FIELD_DEPTH, TEXT_KEYS, RawSignature

MAX_RAW_DICTIONARIES = 300
"""Hits of ``/ByteRange`` that are looked at; more is a file made to cost."""

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_OBJECT_HEADER = re.compile(rb"(?<![0-9])(\d{1,10})\s+(\d{1,5})\s+obj\Z")
_CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f\s]*)>")
_NAME_ENTRY = re.compile(rb"/(Type|Filter|SubFilter)\s*/([A-Za-z0-9.#_-]{1,64})")
_TEXT_ENTRY = re.compile(rb"/(M|Name|Reason|Location)\s*\(([^()\\]{0,400})\)")
_USAGE_RIGHTS = re.compile(rb"/TransformMethod\s*/UR3?\b")
MAX_DICTIONARY_BYTES = 8 << 20
"""How far from its ``/ByteRange`` a dictionary's begin and end are looked for: ``/Contents`` may stand between."""

MAX_STRETCHES_BYTES = 32 << 20
"""What is looked through in one file in search of their entries; dictionaries that are apart never need as much.
After that only short ones are looked at, so long decoys before a signature do not hide it."""

SHORT_DICTIONARY_BYTES = 100_000

MAX_HEADER_TRIES = 200
"""Words ``obj`` looked at on the way back to an object's header."""


def find_in_bytes(data: bytes) -> list[RawSignature]:
    """Every uncompressed signature dictionary that stands in the bytes, live or not, with its object number."""
    found, left = [], MAX_STRETCHES_BYTES
    for hit in islice(_BYTE_RANGE.finditer(data), MAX_RAW_DICTIONARIES):
        header = header_before(data, hit.start())
        end = data.find(b"endobj", hit.end(), hit.end() + MAX_DICTIONARY_BYTES)
        end = min(len(data), hit.end() + MAX_DICTIONARY_BYTES) if end < 0 else end
        length = end - header.end() if header is not None else 0
        left -= length
        if header is None or (left < 0 and length > SHORT_DICTIONARY_BYTES):
            continue
        contents = _CONTENTS.search(data, header.end(), end)
        if contents is None:
            continue
        outside = data[header.end() : contents.start()] + data[contents.end() : end]
        entries = [*_TEXT_ENTRY.findall(outside), *_NAME_ENTRY.findall(outside)]
        found.append(
            RawSignature(
                field=None,
                field_ref=None,
                object_ref=(int(header[1]), int(header[2])),
                byte_range=tuple(int(number) for number in hit.groups()),
                contents=_unhex(contents[1]),
                texts={key.decode(): value.decode("latin-1") for key, value in entries},
                contents_at=contents.start(1) - 1,
                usage_rights=_USAGE_RIGHTS.search(outside) is not None,
            )
        )
    return found


def header_before(data: bytes, at: int) -> re.Match[bytes] | None:
    """The nearest ``n g obj`` before an offset."""
    word, first = at, max(0, at - MAX_DICTIONARY_BYTES)
    for _ in range(MAX_HEADER_TRIES):
        word = data.rfind(b"obj", first, word)
        if word < 0:
            return None
        header = _OBJECT_HEADER.search(data, max(0, word - 20), word + 3)
        if header is not None:
            return header
    return None


def _unhex(digits: bytes) -> bytes:
    packed = b"".join(digits.split())
    return bytes.fromhex((packed + b"0" * (len(packed) % 2)).decode("ascii"))


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
        texts={key: text for key in TEXT_KEYS if (text := _text(value, key)) is not None},
        waiting=_is_waiting(value),
    )


def _is_waiting(value: Any) -> bool:
    """A program that will sign later marks the places of its numbers with names: ``[0 /*** /*** /***]``."""
    numbers = attempt("byte range", lambda: list(value.ByteRange))
    return not isinstance(numbers, Failure) and any(isinstance(number, pikepdf.Name) for number in numbers)


def _text(dictionary: Any, key: str) -> str | None:
    value = attempt(key, lambda: dictionary.get(f"/{key}"))
    if isinstance(value, pikepdf.Name):
        return plain(str(value)).removeprefix("/")
    if not isinstance(value, pikepdf.String):
        return None
    text = attempt(key, lambda: plain(str(value)))
    return bytes(value).decode("latin-1") if isinstance(text, Failure) else text
