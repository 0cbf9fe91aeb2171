"""Viewers told to draw the fields anew, or no more (``/NeedAppearances``, ISO 32000-2 §12.7.3): does a word change?

Plain form fillers set it with the first value that they write. It is harmless where every field draws the value that it
has, and would draw it again in a plain look: a readable font, dark, of a size that fits.
"""

from __future__ import annotations

import io
import re

import pikepdf
from pyhanko.pdf_utils.generic import BooleanObject, DictionaryObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from verifier.changes.comparison import Comparison, dictionary_of
from verifier.changes.drawing_marks import marks
from verifier.changes.filling import inherited, letters_of, needs_appearances
from verifier.changes.font_reading import reader_of
from verifier.changes.form import FormField
from verifier.changes.revision_objects import RevisionObjects, items, name_of, number_of, string_of
from verifier.changes.shown_text import MAX_LIGHTNESS, MIN_POINTS, shown_text

NARROWEST = 0.5
"""Of a letter's size: words of any length are wider on average."""
_PUSH_BUTTON, _COMBO, _COMB = 1 << 16, 1 << 17, 1 << 24
_OTHER_LOOK = 1 << 13 | 1 << 25 | 1 << 20 | _COMB
"""Password, rich text, file selection, comb."""
_MULTILINE = 1 << 12
_MARKS_OF_BOXES = "/ZaDb"
_LOOK = re.compile(rb"^\s*/(\S+)\s+([\d.]+)\s+Tf\s*((?:[\d.]+\s+){0,4})(g|rg|k)?\s*$")
_COLOUR_FIRST = re.compile(rb"^\s*((?:[\d.]+\s+){1,4}(?:g|rg|k))\s+(/\S+\s+[\d.]+\s+Tf)\s*$")
_FILLS = re.compile(rb"(?<![\w/])(?:f|F|B|b)\*?(?!\w)")


def may_be_drawn_anew(comparison: Comparison) -> bool:
    """Whether every field draws the value that it has, so that drawing it anew, or no more, changes no word."""
    fields = comparison.old_form.fields.values()
    if {field.kind for field in fields} <= {"/Sig", ""}:
        return True
    if not needs_appearances(comparison):
        return all(_shows_its_value(comparison, field) for field in fields)
    return _fills(comparison) and all(
        _shows_its_value(comparison, field) and _keeps_its_look(comparison, field) for field in fields
    )


def _fills(comparison: Comparison) -> bool:
    """Whether a field that was empty has a value now."""
    later = comparison.new_form.fields
    return any(
        not field.has_value and field.ref in later and later[field.ref].has_value
        for field in comparison.old_form.fields.values()
    )


def _normal(comparison: Comparison, field: FormField) -> pikepdf.Object | None:
    return dictionary_of(dictionary_of(comparison.old.get(field.ref)).get("/AP")).get("/N")


def _shown(comparison: Comparison, field: FormField) -> str | None:
    normal = _normal(comparison, field)
    return shown_text(normal, comparison.old_form.dictionary) if isinstance(normal, pikepdf.Stream) else None


def _shows_its_value(comparison: Comparison, field: FormField) -> bool:
    """Whether a field of the signed file draws the value that it has."""
    if field.kind == "/Sig" or field.rectangle is None or not field.has_value:
        return True
    if field.kind == "/Btn":
        states, shown = dictionary_of(_normal(comparison, field)), dictionary_of(comparison.old.get(field.ref))
        state = name_of(inherited(comparison, field, "/V"))
        wanted = state if state in states else "/Off"  # another button of its group is on
        return (name_of(shown.get("/AS")) or "/Off") == wanted
    value, drawn = inherited(comparison, field, "/V"), _shown(comparison, field)
    return drawn is not None and isinstance(value, pikepdf.String) and letters_of(drawn) == letters_of(string_of(value))


def _keeps_its_look(comparison: Comparison, field: FormField) -> bool:
    """Whether a viewer that draws a signed field anew shows the same words as plainly as its appearance does.

    Poppler draws a signature's field anew as an empty one, and a mark in a box by ``/ZaDb`` of the form or not at all.
    """
    if field.rectangle is None or field.hidden:
        return True
    if field.kind == "/Sig":
        return not marks(comparison.old.get(field.ref))
    flags = int(number_of(inherited(comparison, field, "/Ff")) or 0)
    look = dictionary_of(dictionary_of(comparison.old.get(field.ref)).get("/MK"))
    if field.kind == "/Btn" and flags & _PUSH_BUTTON:
        return letters_of(_shown(comparison, field) or "") == letters_of(string_of(look.get("/CA")))
    if field.kind == "/Btn":
        off = name_of(dictionary_of(comparison.old.get(field.ref)).get("/AS")) in ("", "/Off")
        return off or _MARKS_OF_BOXES in _default_fonts(comparison)
    if not field.has_value:
        return not field.filled
    turned = number_of(look.get("/R")) not in (None, 0)
    if flags & _OTHER_LOOK or turned or inherited(comparison, field, "/RV") is not None:
        return False
    if field.kind == "/Ch" and not flags & _COMBO:
        return False
    covers = bool(items(look.get("/BG"))) and not _paints_a_ground(_normal(comparison, field))
    return not covers and _is_plainly_written(comparison, field, flags)


def _paints_a_ground(normal: pikepdf.Object | None) -> bool:
    """What lies below a field is hidden by its appearance already."""
    return isinstance(normal, pikepdf.Stream) and _FILLS.search(normal.read_bytes()) is not None


def _default_fonts(comparison: Comparison) -> dict[str, pikepdf.Object]:
    return dictionary_of(dictionary_of(dictionary_of(comparison.old_form.dictionary).get("/DR")).get("/Font"))


def _is_plainly_written(comparison: Comparison, field: FormField, flags: int) -> bool:
    """The default look (§12.7.4.3): a font that is read and not in the file, a dark colour, a size that fits."""
    said = inherited(comparison, field, "/DA") or dictionary_of(comparison.old_form.dictionary).get("/DA")
    written = _COLOUR_FIRST.sub(rb"\2 \1", bytes(said)) if isinstance(said, pikepdf.String) else b""
    found = _LOOK.match(written)
    if found is None or field.rectangle is None:
        return False
    font = _default_fonts(comparison).get("/" + found[1].decode("latin-1"))
    in_file = {"/FontFile", "/FontFile2", "/FontFile3"} & dictionary_of(
        dictionary_of(font).get("/FontDescriptor")
    ).keys()
    if font is None or in_file or reader_of(font) is None or not _is_dark(found[4], found[3]):
        return False
    value, size = string_of(inherited(comparison, field, "/V")), float(found[2])
    limit = number_of(inherited(comparison, field, "/MaxLen"))
    width, height = field.rectangle[2] - field.rectangle[0], field.rectangle[3] - field.rectangle[1]
    fits = size == 0 or (
        MIN_POINTS <= size <= height and (flags & _MULTILINE or size * NARROWEST * len(value) <= width)
    )
    return bool(fits) and (limit is None or limit >= len(value))


def _is_dark(operator: bytes | None, numbers: bytes) -> bool:
    parts = [float(one) for one in numbers.split()]
    wanted = {b"g": 1, b"rg": 3, b"k": 4, None: 0}[operator]
    if len(parts) != wanted:
        return False
    return not parts or (max(parts) > 1 - MAX_LIGHTNESS if operator == b"k" else min(parts) < MAX_LIGHTNESS)


def drawing_changed(signed: RevisionObjects, viewed: RevisionObjects) -> bool | None:
    """What viewers are told now, where the signed revision told them otherwise; else None."""
    before, after = (_is_told(objects) for objects in (signed, viewed))
    return None if before is after else after


def _is_told(objects: RevisionObjects) -> bool:
    flag = dictionary_of(objects.root.get("/AcroForm")).get("/NeedAppearances")
    return flag is not None and flag.unparse(resolved=True) == b"true"


def told_to_draw(data: bytes, said: bool, password: str | None) -> bytes:
    """A revision with one more behind it in which viewers are told to draw the fields anew, or no more."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    if writer.security_handler is not None:
        writer.encrypt(password or "")
    form = writer.root["/AcroForm"]
    assert isinstance(form, DictionaryObject)
    form[pdf_name("/NeedAppearances")] = BooleanObject(said)
    writer.update_container(form)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
