"""Does a field of a form hold another value than its appearance draws (ISO 32000-2 12.7.4.3). Worker process only.

Programs that draw fields anew (``/NeedAppearances``, or because somebody may type) draw the value; others, and paper,
show the appearance that the file holds. Letters are read by PDFium from the appearance itself.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2

from verifier.pdf.content_kinds import ActiveContent

MAX_FIELDS = 2_000
"""Of one form, with their groups; a form of some hundred is large."""

_UNSEEN_FLAGS = 1 << 1 | 1 << 5
"""Hidden, NoView (table 167)."""
_SHOWS = re.compile(rb"(?<![\w/])(?:Tj|TJ|Do|f\*?|F|B\*?|b\*?|S|s|sh|EI)(?!\w)|['\"]")
"""Operators that leave a mark; an appearance without any shows its value to nobody."""
_PASSWORD = 1 << 13
_PUSH_BUTTON = 1 << 16
_PAGE = (-2000, -2000, 4000, 4000)
"""Room for any appearance; nothing is drawn on it."""


class TooManyFieldsError(Exception):
    """The look at the form stopped at its limit: what is in the other fields is not known."""


@dataclass(frozen=True)
class _Field:
    """A terminal field with what it inherits; ``looks`` are its widgets."""

    kind: str
    flags: int
    value: Any
    options: Any
    looks: tuple[Any, ...]


def of_form(root: Any) -> Iterator[ActiveContent]:
    """XFA, and values that the appearances do not draw.

    Raises:
        TooManyFieldsError: the form is too large to be looked at.
    """
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    if "/XFA" in form:
        yield ActiveContent.XFA_FORM
    drawn_anew = bool(form.get("/NeedAppearances", False))
    fields = [field for field in _fields(form) if not _hides_its_value(field)]
    if any(_state_differs(field) for field in fields) or _text_differs(form, fields, drawn_anew):
        yield ActiveContent.FIELD_VALUE


def _fields(form: Any) -> Iterator[_Field]:
    top = form.get("/Fields")
    waiting: list[tuple[Any, str, Any, Any, Any]] = []
    waiting.extend((field, "", 0, None, None) for field in (top if isinstance(top, pikepdf.Array) else ()))
    seen: set[tuple[int, int]] = set()
    while waiting:
        field, kind, flags, value, options = waiting.pop()
        if not isinstance(field, pikepdf.Dictionary) or field.objgen in seen:
            continue
        if field.is_indirect:
            seen.add(field.objgen)
        if len(seen) > MAX_FIELDS:
            raise TooManyFieldsError
        kind = str(field.get("/FT", kind))
        flags, value, options = field.get("/Ff", flags), field.get("/V", value), field.get("/Opt", options)
        kids = [kid for kid in field.get("/Kids", []) if isinstance(kid, pikepdf.Dictionary)]
        below = [kid for kid in kids if "/T" in kid]
        if below:
            waiting.extend((kid, kind, flags, value, options) for kid in below)
        else:
            yield _Field(kind, flags if isinstance(flags, int) else 0, value, options, tuple(kids or [field]))


def _hides_its_value(field: _Field) -> bool:
    return (field.kind == "/Tx" and bool(field.flags & _PASSWORD)) or (
        field.kind == "/Btn" and bool(field.flags & _PUSH_BUTTON)
    )


def _state_differs(field: _Field) -> bool:
    """A box or a radio button that shows another state than its value names (12.7.5.2.3)."""
    if field.kind != "/Btn" or not isinstance(field.value, pikepdf.Name):
        return False
    value = str(field.value)
    if value != "/Off" and not any(value in _states(widget) for widget in field.looks):
        return any("/Rect" in widget and _is_seen(widget) for widget in field.looks)
    for widget in field.looks:
        shown = str(widget.get("/AS", value))
        if shown not in ("/Off", value) or (shown == "/Off" and value != "/Off" and value in _states(widget)):
            return True
    return False


def _states(widget: Any) -> set[str]:
    looks = widget.get("/AP")
    normal = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
    if not isinstance(normal, pikepdf.Dictionary) or isinstance(normal, pikepdf.Stream):
        return set()
    return set(normal.keys())


def _text_differs(form: Any, fields: list[_Field], drawn_anew: bool) -> bool:
    pairs = [
        (text, widget)
        for field in fields
        if (text := _shown_value(field)) or (drawn_anew and field.kind in ("/Tx", "/Ch"))
        for widget in field.looks
        if "/Rect" in widget
    ]
    if any(text and _normal(widget) is None and _is_seen(widget) for text, widget in pairs):
        return True  # each program draws the value in its own way, or not at all
    drawing = [(text, widget) for text, widget in pairs if _normal(widget) is not None]
    if not drawing:
        return False
    drawn = _letters([_normal(widget) for _, widget in drawing], form)
    return any(
        not _same(_folded(text), letters, widget)
        for (text, widget), letters in zip(drawing, drawn, strict=True)
        if letters or drawn_anew or not _leaves_a_mark(widget)
    )


def _leaves_a_mark(widget: Any) -> bool:
    normal = _normal(widget)
    return normal is not None and _SHOWS.search(normal.read_bytes()) is not None


def _is_seen(widget: Any) -> bool:
    """Of some size, and not hidden: what is hidden has a kind of its own."""
    flags = widget.get("/F", 0)
    left, bottom, right, top = (float(side) for side in widget.Rect)
    return left != right and bottom != top and not (isinstance(flags, int) and flags & _UNSEEN_FLAGS)


def _same(value: str, letters: str, widget: Any) -> bool:
    """A field with a format script may draw signs between the digits that its value does not have."""
    scripts = widget.get("/AA")
    if isinstance(scripts, pikepdf.Dictionary) and "/F" in scripts:
        return [char for char in value if char.isalnum()] == [char for char in letters if char.isalnum()]
    return value == letters


def _shown_value(field: _Field) -> str:
    """The text that a value draws: a choice shows the words that belong to its export value (12.7.5.4)."""
    if field.kind not in ("/Tx", "/Ch"):
        return ""
    if isinstance(field.value, pikepdf.Stream):
        return field.value.read_bytes().decode("latin-1")
    if not isinstance(field.value, pikepdf.String):
        return ""
    text = str(field.value)
    for option in field.options if field.kind == "/Ch" and isinstance(field.options, pikepdf.Array) else ():
        if isinstance(option, pikepdf.Array) and len(option) == 2 and str(option[0]) == text:
            return str(option[1])
    return text


def _normal(widget: Any) -> Any | None:
    looks = widget.get("/AP")
    normal = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
    return normal if isinstance(normal, pikepdf.Stream) else None


def _letters(looks: list[Any], form: Any) -> list[str]:
    """What PDFium reads in each appearance, one a page of a document made for it."""
    shared = form.get("/DR")
    output = io.BytesIO()
    with pikepdf.new() as made:
        resources = {} if not isinstance(shared, pikepdf.Dictionary) else _foreign(made, shared)
        for look in looks:
            copy = made.copy_foreign(look) if look.is_indirect else made.make_stream(look.read_bytes())
            copy.Subtype = pikepdf.Name.Form
            page = made.add_blank_page(page_size=(100, 100))
            page.obj.MediaBox = pikepdf.Array(list(_PAGE))
            page.obj.Resources = pikepdf.Dictionary({**resources, "/XObject": pikepdf.Dictionary(A=copy)})
            page.obj.Contents = made.make_stream(b"/A Do")
        made.save(output)
    document = pypdfium2.PdfDocument(output.getvalue())
    try:
        return [_folded(page.get_textpage().get_text_range()) for page in document]
    finally:
        document.close()


def _foreign(made: pikepdf.Pdf, shared: Any) -> dict[str, Any]:
    fonts = shared.get("/Font")
    if not isinstance(fonts, pikepdf.Dictionary):
        return {}
    indirect = {key: font for key, font in fonts.items() if isinstance(font, pikepdf.Dictionary) and font.is_indirect}
    return {"/Font": pikepdf.Dictionary({key: made.copy_foreign(font) for key, font in indirect.items()})}


def _folded(text: str) -> str:
    """Letters and digits without the space between them: where lines break is the drawing's own affair."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isprintable() and not char.isspace())
