"""What a dictionary of a PDF brings that is not in the file, or that programs show differently. Worker process only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pikepdf

from verifier.pdf.content_kinds import ActiveContent

MAX_EXPRESSION_DEPTH = 32
"""Of a visibility expression (ISO 32000-2 8.11.2.2); deeper ones are taken for content that may be hidden."""

_MULTIMEDIA = frozenset({"/Screen", "/Movie", "/Sound", "/RichMedia", "/3D", "/Projection"})
_ICONS = frozenset({"/Text", "/FileAttachment"})
_DRAWS_NOTHING_ITSELF = frozenset({"/Link", "/Popup", "/Widget", "/TrapNet", "/PrinterMark", *_ICONS, *_MULTIMEDIA})
"""Annotations that need no appearance: a link's frame, a note's window, an icon; fields are compared by value."""

_WITHOUT_MEANING = frozenset({"/Identity-H", "/Identity-V"})
_KNOWN_COLLECTIONS = frozenset({"Japan1", "GB1", "CNS1", "Korea1", "KR"})
"""Adobe's public character collections: a number means the same letter in every program that has the fonts."""

_HIDDEN = 1 << 1


def of_dictionary(entry: Any, held: Mapping[str, Any]) -> Iterator[ActiveContent]:
    """The kinds that this dictionary or stream shows by itself; ``held``: its entries, read once for all questions."""
    if entry._type_code == pikepdf.ObjectType.stream:
        yield from _of_stream(held)
    kind, subtype = _name(held, "/Type"), _name(held, "/Subtype")
    membership = kind == "/OCMD" or ("/OCGs" in held and not kind and ("/P" in held or "/VE" in held))
    if membership and not _always_shown(entry):
        yield ActiveContent.HIDDEN_LAYERS
    if subtype and "/Rect" in held:
        yield from _of_annotation(entry, subtype)
    if subtype == "/Type0" and _of_unknown_glyphs(entry):
        yield ActiveContent.FOREIGN_FONT


def _of_stream(stream: Mapping[str, Any]) -> Iterator[ActiveContent]:
    """``/F`` of a stream is a file specification (7.3.8.2); of an annotation's dictionary it is flags."""
    if isinstance(stream.get("/F"), pikepdf.String | pikepdf.Dictionary):
        yield ActiveContent.EXTERNAL_STREAM
    if isinstance(stream.get("/Ref"), pikepdf.Dictionary) and _name(stream, "/Subtype") != "/Image":
        yield ActiveContent.REFERENCE_XOBJECT
    if _name(stream, "/Subtype") == "/PS" or ("/Alternates" in stream and _name(stream, "/Subtype") == "/Image"):
        yield ActiveContent.PRINT_ALTERNATE


def _of_annotation(annotation: Any, subtype: str) -> Iterator[ActiveContent]:
    if subtype in _MULTIMEDIA:
        yield ActiveContent.MULTIMEDIA
    flags = annotation.get("/F", 0)
    hidden = isinstance(flags, int) and flags & _HIDDEN
    if subtype not in _DRAWS_NOTHING_ITSELF and not hidden and not _has_appearance(annotation):
        yield ActiveContent.NO_APPEARANCE


def _has_appearance(annotation: Any) -> bool:
    looks = annotation.get("/AP")
    normal = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
    if isinstance(normal, pikepdf.Dictionary) and not isinstance(normal, pikepdf.Stream):  # states (12.5.5)
        normal = normal.get(_name(annotation, "/AS") or "/Off")
    return isinstance(normal, pikepdf.Stream)


def _of_unknown_glyphs(font: Any) -> bool:
    """A composite font by glyph numbers without a program, and of no public character collection."""
    if _name(font, "/Encoding") not in _WITHOUT_MEANING:
        return False
    below = font.get("/DescendantFonts")
    descendant = below[0] if isinstance(below, pikepdf.Array) and len(below) else None
    if not isinstance(descendant, pikepdf.Dictionary):
        return True
    described = descendant.get("/FontDescriptor")
    if isinstance(described, pikepdf.Dictionary) and {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.keys()):
        return False
    collection = descendant.get("/CIDSystemInfo")
    ordering = collection.get("/Ordering") if isinstance(collection, pikepdf.Dictionary) else None
    return str(ordering) not in _KNOWN_COLLECTIONS


def _always_shown(membership: Any) -> bool:
    """Shown while all layers are on, whether a program follows ``/VE`` or only ``/P`` (8.11.2.2)."""
    expression = membership.get("/VE")
    if expression is not None and not _holds(expression, 0):
        return False
    groups = membership.get("/OCGs")
    named = bool(len(groups)) if isinstance(groups, pikepdf.Array) else isinstance(groups, pikepdf.Dictionary)
    return not named or (_name(membership, "/P") or "/AnyOn") in ("/AnyOn", "/AllOn")


def _holds(expression: Any, depth: int) -> bool:
    """Value of a visibility expression while all layers are on."""
    if not isinstance(expression, pikepdf.Array):
        return isinstance(expression, pikepdf.Dictionary)
    if depth > MAX_EXPRESSION_DEPTH or len(expression) < 2:
        return False
    operator, operands = str(expression[0]), list(expression)[1:]
    match operator:
        case "/And":
            return all(_holds(operand, depth + 1) for operand in operands)
        case "/Or":
            return any(_holds(operand, depth + 1) for operand in operands)
        case "/Not":
            return not _holds(operands[0], depth + 1)
        case _:
            return False


def _name(entry: Any, key: str) -> str:
    value = entry.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""
