"""The form of one revision: its fields and widgets, and whether each already shows something (ISO 32000-2 §12.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pikepdf

from verifier.changes.revision_objects import (
    Ref,
    RevisionObjects,
    entries,
    items,
    name_of,
    number_of,
    rectangle_of,
    ref_of,
    refs_in,
    string_of,
)

MAX_DEPTH = 40
MAX_APPEARANCE_BYTES = 20_000
"""Of an appearance that is decoded to see whether it draws text; a longer one counts as drawing."""
_PUSH_BUTTON = 1 << 16
_UNSEEN = 1 << 1 | 1 << 5
"""Annotation flags Hidden and NoView (ISO 32000-2 table 167)."""
_EMPTY_VALUES = frozenset({b"null", b"()", b"<>", b"[ ]", b"/Off", b"/"})
_DRAWS = re.compile(rb"\((?:[\s\xa0]|\\.)*+[^()\\\s\xa0](?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f\s]{2,}>|\bDo\b")
"""A string that is not blank, or an object drawn. Possessive: a long string without an end must not cost its square."""
ANY_MARK = re.compile(rb"\b(?:Tj|TJ|Do|f|F|B|b|S|s|sh|EI)\b|f\*|B\*|b\*|['\"]")


@dataclass(frozen=True)
class FormField:
    """A field, or a widget of one, as it stands in one revision."""

    ref: Ref
    name: str
    """Fully qualified; a widget without a name of its own has its field's."""
    kind: str
    """``/Tx``, ``/Btn``, ``/Ch``, ``/Sig``, own or inherited; empty where none is said."""
    filled: bool
    has_value: bool
    values: dict[str, bytes]
    kids: tuple[bytes, ...]
    parent: Ref | None
    rectangle: tuple[float, float, float, float] | None
    hidden: bool
    """Hidden, or not to be viewed; what is not viewed may still be printed."""
    own_kind: str = ""
    """``/FT`` of the field itself."""
    has_own_value: bool = False
    """Whether ``/V`` stands in it."""
    own_name: bool = False
    """Whether it has a name of its own (``/T``): a field, not a widget of one."""
    listed: bool = True
    """Whether the form names it; a signature's widget may stand in the list of a page only."""


class Form:
    """The form of one revision: every field and widget by its object, as the form and the ``pages`` name them."""

    def __init__(self, objects: RevisionObjects, pages: Sequence[Ref] = ()) -> None:
        self.objects = objects
        self.fields: dict[Ref, FormField] = {}
        self.unread: set[tuple[str, bytes]] = set()
        """Where something stands in a list of fields that is no indirect dictionary, or lies too deep; and what."""
        form = objects.root.get("/AcroForm")
        self.dictionary = form if isinstance(form, pikepdf.Dictionary) else None
        if self.dictionary is not None:
            for item in items(self.dictionary.get("/Fields")):
                self._read(item, None, "", {}, 0)
        for page in pages:
            holder = objects.get(page) if b"/Annots" in objects.texts.get(page, b"") else None
            for item in items(holder.get("/Annots")) if isinstance(holder, pikepdf.Dictionary) else ():
                if ref_of(item) not in self.fields and _is_signature_alone(item):
                    self._read(item, None, "", {}, 0, listed=False)

    def _read(
        self,
        item: pikepdf.Object,
        parent: Ref | None,
        name: str,
        inherited: dict[str, pikepdf.Object],
        depth: int,
        listed: bool = True,
    ) -> None:
        ref = ref_of(item)
        if ref is None or depth > MAX_DEPTH or not isinstance(item, pikepdf.Dictionary):
            self.unread.add((name, item.unparse()))
            return
        if ref in self.fields:
            return
        part = string_of(item.get("/T"))
        full = ".".join(p for p in (name, part) if p)
        known = {**inherited, **{key: item[key] for key in ("/FT", "/V", "/Ff") if key in item}}
        children = items(item.get("/Kids"))
        self.fields[ref] = FormField(
            ref,
            full,
            name_of(known.get("/FT")),
            is_filled(known, item),
            has_value(known),
            entries(item),
            tuple(child.unparse() for child in children),
            parent,
            rectangle_of(item.get("/Rect")),
            bool(int(number_of(item.get("/F")) or 0) & _UNSEEN),
            name_of(item.get("/FT")),
            "/V" in item,
            "/T" in item,
            listed,
        )
        for child in children:
            self._read(child, ref, full, known, depth + 1)

    def widgets(self, field: FormField) -> Iterator[FormField]:
        """The field's widgets: itself, or those below it."""
        if field.rectangle is not None:
            yield field
        for text in field.kids:
            for ref in refs_in(text):
                if ref in self.fields and self.fields[ref].parent == field.ref:
                    yield from self.widgets(self.fields[ref])

    @property
    def only_signatures(self) -> bool:
        """Whether the form has nothing to fill in but signatures."""
        return all(field.kind in ("/Sig", "") for field in self.fields.values())


def _is_signature_alone(item: object) -> bool:
    """Whether an annotation is a signature field that only its page names (some programs forget the form's list)."""
    if not isinstance(item, pikepdf.Dictionary) or isinstance(item, pikepdf.Stream) or "/Parent" in item:
        return False
    return name_of(item.get("/Subtype")) == "/Widget" and name_of(item.get("/FT")) == "/Sig"


def is_filled(known: dict[str, pikepdf.Object], item: pikepdf.Object) -> bool:
    """Whether a field shows something that the signer saw: a value, or an appearance that draws text."""
    match name_of(known.get("/FT")):
        case "/Btn":
            on = name_of(item.get("/AS")) not in ("", "/Off")
            return on or bool(int(number_of(known.get("/Ff")) or 0) & _PUSH_BUTTON) or has_value(known)
        case "/Tx" | "/Ch":
            return has_value(known) or draws(item, _DRAWS)
        case _:
            return has_value(known)


def has_value(known: dict[str, pikepdf.Object]) -> bool:
    """Whether the field has a value, own or inherited, that is more than blanks."""
    value = known.get("/V")
    return value is not None and value.unparse() not in _EMPTY_VALUES and bool(_stripped(value))


def _stripped(value: pikepdf.Object) -> bool:
    return bool(str(value).strip()) if isinstance(value, pikepdf.String) else True


def draws(item: object, marks: re.Pattern[bytes]) -> bool:
    """Whether the normal appearance of a widget contains operators that leave a mark.

    One that is long, or coded several times over (which can unfold a few bytes to gigabytes), counts as if it did.
    """
    appearance = item.get("/AP") if isinstance(item, pikepdf.Dictionary) else None
    normal = appearance.get("/N") if isinstance(appearance, pikepdf.Dictionary) else None
    if isinstance(normal, pikepdf.Dictionary) and not isinstance(normal, pikepdf.Stream):
        state = name_of(item.get("/AS")) if isinstance(item, pikepdf.Dictionary) else ""
        normal = normal.get(state) if state else None
    if not isinstance(normal, pikepdf.Stream):
        return False
    try:
        if len(normal.read_raw_bytes()) > MAX_APPEARANCE_BYTES or unfolds_twice(normal):
            return True
        return bool(marks.search(normal.read_bytes()))
    except pikepdf.PdfError:
        return True


def unfolds_twice(stream: pikepdf.Stream) -> bool:
    """Whether two codings that make data smaller lie over each other (ISO 32000-2, 7.4.1)."""
    names = [name_of(item) for item in items(stream.get("/Filter"))]
    return sum(name not in ("/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85") for name in names) > 1
