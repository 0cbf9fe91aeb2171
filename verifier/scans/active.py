"""What a scan has no use for: scripts, actions, attachments, forms, annotations. Worker process only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from verifier.guard import Failure, attempt, plain
from verifier.report import Finding, Severity
from verifier.scans.geometry import Box, ordered
from verifier.scans.report import finding

MAX_OBJECTS = 200_000
"""Looked at for actions; a scan has a few for each page."""
MAX_FIELDS = 10_000
MAX_ANNOTATIONS = 1_000
"""Of one page."""

_ACTIONS = {
    "/JavaScript": "SCAN-SCRIPT",
    "/Launch": "SCAN-ACTION",
    "/SubmitForm": "SCAN-ACTION",
    "/ImportData": "SCAN-ACTION",
    "/GoToR": "SCAN-ACTION",
    "/GoToE": "SCAN-ACTION",
    "/Rendition": "SCAN-ACTION",
    "/Movie": "SCAN-ACTION",
    "/Sound": "SCAN-ACTION",
    "/RichMediaExecute": "SCAN-ACTION",
    "/SetOCGState": "SCAN-ACTION",
    "/Hide": "SCAN-ACTION",
    "/URI": "SCAN-LINK",
}
"""Type of an action (ISO 32000-2 table 201) → finding; ``GoTo`` and ``Named`` only move about in the file."""
_SEVERITY = {"SCAN-LINK": Severity.WARNING}
_HARMLESS_ANNOTATIONS = frozenset({"/Link", "/Popup"})


@dataclass(frozen=True)
class Annotations:
    """The annotations of one page: kinds that do not belong to a scan, and where signatures show themselves."""

    kinds: tuple[str, ...]
    signatures: tuple[Box, ...]


def active_content(pdf: pikepdf.Pdf) -> tuple[Finding, ...]:
    """Scripts, actions, attachments, form fields and XFA anywhere in the file, each kind once.

    Objects that nothing refers to are reported as well: present, whether or not it runs.
    """
    codes: dict[str, None] = {}
    for step in (_of_objects, _of_names, _of_form):
        found = attempt("active content", lambda step=step: list(step(pdf)))  # type: ignore[misc]
        codes.update(dict.fromkeys(["SCAN-STRUCTURE-DAMAGED"] if isinstance(found, Failure) else found))
    codes.setdefault("SCAN-SCRIPT", None) if _opens_with_script(pdf) else None
    return tuple(finding(code, _SEVERITY.get(code, Severity.ERROR)) for code in codes)


def _opens_with_script(pdf: pikepdf.Pdf) -> bool:
    action = attempt("open action", lambda: pdf.Root.get("/OpenAction"))
    return isinstance(action, pikepdf.Dictionary) and action.get("/S") == "/JavaScript"


def _of_objects(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, entry in enumerate(pdf.objects):
        if number >= MAX_OBJECTS:
            yield "SCAN-TOO-MANY-OBJECTS"
            return
        if isinstance(entry, pikepdf.Dictionary | pikepdf.Stream):
            yield from _of_dictionary(entry, 0)


MAX_NESTING = 6
"""Dictionaries in dictionaries that are looked into: an annotation with its actions in place takes three."""


def _of_dictionary(entry: Any, depth: int) -> Iterator[str]:
    for key in entry.keys():  # noqa: SIM118 - a pikepdf dictionary iterates otherwise than a dict
        value = entry.get(key)
        if key == "/S" and isinstance(value, pikepdf.Name):
            code = _ACTIONS.get(str(value))
            if code is not None:
                yield code
        elif key == "/JS":
            yield "SCAN-SCRIPT"
        elif key in ("/EF", "/Collection"):
            yield "SCAN-ATTACHMENT"
        elif depth < MAX_NESTING and key not in ("/Parent", "/P"):
            yield from _of_value(value, depth)


def _of_value(value: Any, depth: int) -> Iterator[str]:
    """Direct dictionaries in a dictionary or array; indirect ones come by themselves."""
    parts = value if isinstance(value, pikepdf.Array) else [value]
    for part in parts:
        if isinstance(part, pikepdf.Dictionary) and not part.is_indirect:
            yield from _of_dictionary(part, depth + 1)


def _of_names(pdf: pikepdf.Pdf) -> Iterator[str]:
    names = pdf.Root.get("/Names", pikepdf.Dictionary())
    if "/JavaScript" in names:
        yield "SCAN-SCRIPT"
    if "/EmbeddedFiles" in names or "/AF" in pdf.Root:
        yield "SCAN-ATTACHMENT"


def _of_form(pdf: pikepdf.Pdf) -> Iterator[str]:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    if "/XFA" in form:
        yield "SCAN-XFA"
    waiting, seen = list(form.get("/Fields", [])), 0
    while waiting and seen < MAX_FIELDS:
        field = waiting.pop()
        seen += 1
        if not isinstance(field, pikepdf.Dictionary):
            continue
        waiting.extend(field.get("/Kids", []))
        if field.get("/FT") is not None and field.get("/FT") != "/Sig":
            yield "SCAN-FORM"


def annotations_of(page: Any) -> Annotations:
    """What stands on a page besides its content."""
    found = attempt("annotations", lambda: list(page.obj.get("/Annots", []))[:MAX_ANNOTATIONS])
    kinds: dict[str, None] = {}
    signatures: list[Box] = []
    for annotation in [] if isinstance(found, Failure) else found:
        kind = attempt("annotation", lambda annotation=annotation: _kind(annotation))  # type: ignore[misc]
        if isinstance(kind, Failure):
            kinds["?"] = None
        elif kind == "signature":
            signatures.append(ordered(map(float, annotation.get("/Rect"))))
        elif kind is not None:
            kinds[kind] = None
    return Annotations(tuple(kinds), tuple(signatures))


def _kind(annotation: Any) -> str | None:
    """``signature`` for the field of a signature that was made; None for what shows nothing."""
    if not isinstance(annotation, pikepdf.Dictionary):
        return None
    subtype = str(annotation.get("/Subtype", "?"))
    if subtype == "/Widget":
        return _field_kind(annotation)
    if subtype in _HARMLESS_ANNOTATIONS and "/AP" not in annotation:
        return None
    return plain(subtype.removeprefix("/")[:40])


def _field_kind(widget: Any) -> str | None:
    field = widget
    for _ in range(8):
        if field.get("/FT") is not None or not isinstance(field.get("/Parent"), pikepdf.Dictionary):
            break
        field = field.get("/Parent")
    if field.get("/FT") != "/Sig":
        return "Widget"
    value = field.get("/V")
    if isinstance(value, pikepdf.Dictionary) and value.get("/ByteRange") is not None:
        return "signature"
    return "Widget" if "/AP" in widget else None
