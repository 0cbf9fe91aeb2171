"""What in a PDF acts, carries other files, hides or is drawn otherwise elsewhere: no signature speaks for that.

A walk over the objects that a reader program follows from the catalogue, resources and appearances included. The
structure tree, metadata and validation data are left out: nothing of them is drawn. Worker process only.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import pikepdf

from verifier.guard import Failure, attempt, step_failed
from verifier.pdf import field_values, viewer_dependent
from verifier.pdf.content_kinds import ACTING, ELSEWHERE, HIDING, WARNINGS, ActiveContent
from verifier.report import Finding, Severity

__all__ = [
    "ACTING",
    "ELSEWHERE",
    "HIDING",
    "ActiveContent",
    "TooManyObjectsError",
    "active_content_findings",
    "find_active_content",
]

MAX_CONTAINERS = 300_000
"""Dictionaries and arrays walked over; a paper has some hundreds, a plan of a thousand pages some fifty thousand."""

MAX_ANCESTORS = 8
"""How far up a widget looks for the kind of its field."""


class TooManyObjectsError(Exception):
    """The walk stopped at its limit: what lies behind it is not known."""


_ACTIONS = {
    "/JavaScript": ActiveContent.SCRIPT,
    "/Launch": ActiveContent.LAUNCH,
    "/SubmitForm": ActiveContent.EXTERNAL_ACTION,
    "/ImportData": ActiveContent.EXTERNAL_ACTION,
    "/Rendition": ActiveContent.MULTIMEDIA,
    "/Movie": ActiveContent.MULTIMEDIA,
    "/Sound": ActiveContent.MULTIMEDIA,
    "/RichMediaExecute": ActiveContent.MULTIMEDIA,
    "/SetOCGState": ActiveContent.HIDDEN_LAYERS,
    "/Hide": ActiveContent.HIDDEN_ANNOTATIONS,
}
"""Types of action (ISO 32000-2 table 201); links and moving about are fine."""

_NOT_FOLLOWED = frozenset({"/StructTreeRoot", "/SE", "/Metadata", "/PieceInfo", "/Thumb", "/DSS"})
_UNSEEN_FLAGS = 1 << 1 | 1 << 5 | 1 << 8
"""Hidden, NoView, ToggleNoView (ISO 32000-2 table 167)."""

_SHOW_NOTHING = frozenset({"/Link", "/Popup"})
_STATES = {"/View": "/ViewState", "/Print": "/PrintState", "/Export": "/ExportState"}
"""What a layer's usage says for an occasion (8.11.4.4)."""


def find_active_content(data: bytes, password: str | None = None) -> frozenset[ActiveContent]:
    """The kinds that are present, in the file as its last revision shows it.

    Raises:
        TooManyObjectsError: the file is too large to be searched.
        Exception: whatever the parser raises on a hostile file; call it under ``guard.attempt``.
    """
    with _opened(data, password) as pdf:
        return frozenset([*_of_objects(pdf.Root), *_of_layers(pdf.Root), *field_values.of_form(pdf.Root)])


def active_content_findings(data: bytes, password: str | None) -> tuple[Finding, ...]:
    """The same as warnings on the document; they change no conclusion, for the signature holds all the same."""
    found = attempt("active-content", lambda: find_active_content(data, password))
    if isinstance(found, Failure):
        return (step_failed(found),)
    return tuple(
        Finding(code, Severity.WARNING, (("kinds", ", ".join(sorted(found & kinds))),))
        for code, kinds in WARNINGS
        if found & kinds
    )


def _opened(data: bytes, password: str | None) -> pikepdf.Pdf:
    try:
        return pikepdf.open(io.BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError:
        return pikepdf.open(io.BytesIO(data), password=password or "", suppress_warnings=True)


def _of_objects(root: Any) -> Iterator[ActiveContent]:
    waiting: list[Any] = [root]
    seen: set[tuple[int, int]] = set()
    walked = 0
    while waiting:
        entry = waiting.pop()
        if entry.is_indirect:
            if entry.objgen in seen:
                continue
            seen.add(entry.objgen)
        walked += 1
        if walked > MAX_CONTAINERS:
            raise TooManyObjectsError
        if entry._type_code == pikepdf.ObjectType.array:
            waiting.extend(part for part in (entry if _may_hold_containers(entry) else ()) if _is_container(part))
        else:
            held = dict(entry.items())
            yield from _of_dictionary(entry, held)
            waiting.extend(value for key, value in held.items() if key not in _NOT_FOLLOWED and _is_container(value))


_CONTAINERS = frozenset({pikepdf.ObjectType.array, pikepdf.ObjectType.dictionary, pikepdf.ObjectType.stream})


def _may_hold_containers(array: Any) -> bool:
    """False for one of numbers and names alone, as the widths of a font are: some hundreds, one by one, take long."""
    written = array.unparse()
    return b"<<" in written or b"[" in written[1:] or b" R" in written


def _is_container(value: object) -> bool:
    """By the object's own kind: thousands are asked, and ``isinstance`` of each of the three takes thrice as long."""
    return isinstance(value, pikepdf.Object) and value._type_code in _CONTAINERS


def _of_dictionary(entry: Any, held: Mapping[str, Any]) -> Iterator[ActiveContent]:
    yield from viewer_dependent.of_dictionary(entry, held)
    kind = held.get("/S")
    if isinstance(kind, pikepdf.Name) and str(kind) in _ACTIONS:
        yield _ACTIONS[str(kind)]
    if "/JS" in held:
        yield ActiveContent.SCRIPT
    if "/EF" in held:
        yield ActiveContent.EMBEDDED_FILES
    if "/Subtype" in held and "/Rect" in held and _is_unseen(entry):
        yield ActiveContent.HIDDEN_ANNOTATIONS


def _is_unseen(annotation: Any) -> bool:
    """Hidden on the screen, though a flag makes it appear later or on paper; invisible signatures are usual."""
    flags = annotation.get("/F", 0)
    if not isinstance(flags, int) or not flags & _UNSEEN_FLAGS:
        return False
    return str(annotation.Subtype) not in _SHOW_NOTHING and not _is_signature_field(annotation)


def _is_signature_field(widget: Any) -> bool:
    field = widget
    for _ in range(MAX_ANCESTORS):
        if "/FT" in field or not isinstance(field.get("/Parent"), pikepdf.Dictionary):
            break
        field = field.Parent
    return str(widget.Subtype) == "/Widget" and str(field.get("/FT", "")) == "/Sig"


def _of_layers(root: Any) -> Iterator[ActiveContent]:
    """Layers that are switched off, or that another occasion (printing, say) shows otherwise; all on is usual.

    Of the configurations (8.11.4.3) a program may choose any.
    """
    properties = root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        return
    layers = _listed(properties, "/OCGs")
    if any(_is_switched(layer, list(_STATES)) for layer in layers):
        yield ActiveContent.HIDDEN_LAYERS  # some programs follow a layer's own usage without /AS (PDFium)
    configurations = [properties.get("/D"), *_listed(properties, "/Configs")]
    if any(_switches(one, layers) for one in configurations if isinstance(one, pikepdf.Dictionary)):
        yield ActiveContent.HIDDEN_LAYERS


def _switches(configuration: Any, layers: list[Any]) -> bool:
    """Whether a configuration shows less than all layers: by itself, or on some occasion.

    A layer named in no ``/OCGs`` of an occasion is not its affair; without such a list some programs take all.
    """
    if _listed(configuration, "/OFF") or str(configuration.get("/BaseState", "/ON")) != "/ON":
        return True
    for occasion in _listed(configuration, "/AS"):
        if not isinstance(occasion, pikepdf.Dictionary):
            return True
        categories = [str(category) for category in _listed(occasion, "/Category")]
        if any(_is_switched(layer, categories) for layer in _listed(occasion, "/OCGs") or layers):
            return True
    return False


def _is_switched(layer: Any, categories: list[str]) -> bool:
    """Does the layer's own usage switch it off: by its state, or for a magnification, a language or a user."""
    usage = layer.get("/Usage") if isinstance(layer, pikepdf.Dictionary) else None
    if not isinstance(usage, pikepdf.Dictionary):
        return False
    present = [category for category in categories if isinstance(usage.get(category), pikepdf.Dictionary)]
    return any(
        category not in _STATES or str(usage[category].get(_STATES[category], "/ON")) == "/OFF" for category in present
    )


def _listed(entry: Any, key: str) -> list[Any]:
    value = entry.get(key)
    return list(value) if isinstance(value, pikepdf.Array) else []
