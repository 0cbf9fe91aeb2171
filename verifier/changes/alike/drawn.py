"""Does every viewer draw the forms and pictures of an update alike? What only one of them draws nobody compared.

The pages are compared as PDFium draws them. A form nested deeper than it follows, an operator with an operand too many
or a colour that it does not paint shows nothing there, and a number on the signed page elsewhere. So what came later is
on a list: well-formed operators, plain resources, pictures with all their bytes (ISO 32000-2 §7.8, §8, §9).
"""

from __future__ import annotations

from collections.abc import Collection

import pikepdf

from verifier.changes.alike.encoding import content_of
from verifier.changes.alike.operators import Reader
from verifier.changes.alike.pictures import is_dark_picture, is_plain_picture
from verifier.changes.alike.resources import are_plain_resources
from verifier.changes.comparison import dictionary_of
from verifier.changes.revision_objects import Ref, RevisionObjects, items, name_of, number_of, ref_of

MAX_NESTING = 10
"""Forms within forms; signing programs nest four. PDFium stops at some forty, poppler at a hundred."""
MAX_CONTENT_BYTES = 4 << 20
"""Of all new forms together: a picture drawn by lines has some hundred kilobytes."""


def drawn_alike(viewed: RevisionObjects, dirty: frozenset[Ref]) -> bool:
    """Whether all that the update brings to be drawn is of the plain kind."""
    left = MAX_CONTENT_BYTES
    for ref in sorted(dirty):
        value = viewed.get(ref)
        if value is None:
            continue
        if name_of(dictionary_of(value).get("/Subtype")) == "/Image" and not is_plain_picture(value):
            return False
        if _is_content(value):
            content = content_of(value, left)
            left -= len(content or b"")
            if content is None or not _is_plain(content, dictionary_of(value)):
                return False
        if _nesting(value) > MAX_NESTING or not _looks_by_forms(value) or _is_bare_note(value):
            return False
    return True


def _looks_by_forms(value: pikepdf.Object) -> bool:
    """Whether what a widget looks like is a form that says so: viewers differ about any other stream."""
    entries = {} if isinstance(value, pikepdf.Stream) else dictionary_of(value)
    looks = dictionary_of(entries.get("/AP", value))
    found = [looks[key] for key in ("/N", "/R", "/D") if key in looks]
    states = (one for look in found if not isinstance(look, pikepdf.Stream) for one in dictionary_of(look).values())
    streams = [one for one in (*found, *states) if isinstance(one, pikepdf.Stream)]
    return isinstance(value, pikepdf.Stream) or all(name_of(one.get("/Subtype")) == "/Form" for one in streams)


def _is_bare_note(value: pikepdf.Object) -> bool:
    """Whether it is a note whose icon each viewer draws in its own manner, PDFium not at all (§12.5.6.4)."""
    looks = dictionary_of(dictionary_of(value).get("/AP"))
    return name_of(dictionary_of(value).get("/Subtype")) == "/Text" and not isinstance(looks.get("/N"), pikepdf.Stream)


def _is_content(value: pikepdf.Object) -> bool:
    """A form, or a cell of a pattern."""
    entries = dictionary_of(value)
    form = name_of(entries.get("/Subtype")) == "/Form" or number_of(entries.get("/PatternType")) == 1
    return isinstance(value, pikepdf.Stream) and form


def _is_plain(content: bytes, holder: dict[str, pikepdf.Object]) -> bool:
    resources = dictionary_of(holder.get("/Resources"))
    if not are_plain_resources(resources):
        return False
    reader = Reader(resources)
    if not reader.reads(content) or reader.hides or not _holds_ink_alone(resources, reader.darkening):
        return False
    return _numbers(holder, "/BBox", 4) and _numbers(holder, "/Matrix", 6) and (not reader.paints or _has_room(holder))


def _holds_ink_alone(resources: dict[str, pikepdf.Object], names: Collection[str], depth: int = 0) -> bool:
    """Whether these forms and pictures are dark: drawn over what is signed or into it, they hide no more."""
    for name in names:
        part = dictionary_of(resources.get("/XObject")).get(name)
        entries = dictionary_of(part)
        if part is None or depth > MAX_NESTING:
            return False
        if name_of(entries.get("/Subtype")) == "/Image":
            if not is_dark_picture(part):
                return False
            continue
        below, content = dictionary_of(entries.get("/Resources")), content_of(part, MAX_CONTENT_BYTES)
        reader = Reader(below)
        if content is None or not reader.reads(content, darkens=True) or reader.hides:
            return False
        if not _holds_ink_alone(below, reader.darkening, depth + 1):
            return False
    return True


def _numbers(holder: dict[str, pikepdf.Object], key: str, count: int) -> bool:
    values = items(holder.get(key))
    return (key not in holder and key == "/Matrix") or (
        len(values) == count and all(number_of(value) is not None for value in values)
    )


def _has_room(holder: dict[str, pikepdf.Object]) -> bool:
    """Whether something can be seen in the box: in one without a side some viewers leave out the clipping."""
    left, bottom, right, top = (number_of(value) or 0.0 for value in items(holder.get("/BBox")))
    a, b, c, d = [number_of(value) or 0.0 for value in items(holder.get("/Matrix"))][:4] or (1.0, 0.0, 0.0, 1.0)
    return left != right and bottom != top and a * d - b * c != 0


def _nesting(value: pikepdf.Object, seen: frozenset[Ref] = frozenset()) -> int:
    """How deep forms lie in a form; one within itself is too deep."""
    if not isinstance(value, pikepdf.Stream) or len(seen) > MAX_NESTING:
        return len(seen)
    ref = ref_of(value)
    if ref is None or ref in seen:
        return MAX_NESTING + 1
    below = dictionary_of(dictionary_of(value.get("/Resources")).get("/XObject")).values()
    return max((_nesting(one, seen | {ref}) for one in below), default=len(seen) + 1)
