"""Whether the appearance of a widget leaves a mark, forms within it included."""

from __future__ import annotations

import re

import pikepdf

from verifier.changes.comparison import dictionary_of
from verifier.changes.form import MAX_APPEARANCE_BYTES, unfolds_twice
from verifier.changes.revision_objects import name_of, ref_of

MAX_FORMS = 200
_PAINTS = re.compile(rb"(?<![\w/])(?:Tj|TJ|f|F|B|b|S|s|sh|EI)\b|(?<![\w/])(?:f|B|b)\*|['\"]")
_DRAWN_OBJECT = re.compile(rb"/([^\s/()<>\[\]{}%]+)\s+Do\b")
_DO = re.compile(rb"(?<![\w/])Do\b")


def marks(widget: object) -> bool:
    """Whether any appearance of a widget (normal, rollover, down, in any state) contains operators that leave a mark.

    One that is long, coded several times over, or of too many forms counts as if it did.
    """
    front: list[pikepdf.Object | None] = [dictionary_of(widget).get("/AP")]
    seen: set[object] = set()
    while front:
        value = front.pop()
        ref = ref_of(value)
        if ref is not None and ref in seen:
            continue
        seen.add(ref)
        if len(seen) > MAX_FORMS:
            return True
        if isinstance(value, pikepdf.Stream):
            drawn = _drawn_by(value)
            if drawn is None:
                return True
            front.extend(drawn)
        else:
            front.extend(dictionary_of(value).values())
    return False


def _drawn_by(form: pikepdf.Stream) -> list[pikepdf.Object | None] | None:
    """The forms that a form draws; None where it leaves a mark itself."""
    if name_of(form.get("/Subtype")) == "/Image":
        return None
    try:
        if len(form.read_raw_bytes()) > MAX_APPEARANCE_BYTES or unfolds_twice(form):
            return None
        content = bytes(form.read_bytes())
    except pikepdf.PdfError:
        return None
    named = _DRAWN_OBJECT.findall(content)
    if _PAINTS.search(content) or len(named) != len(_DO.findall(content)):
        return None
    objects = dictionary_of(dictionary_of(form.get("/Resources")).get("/XObject"))
    found = [objects.get("/" + name.decode("latin-1")) for name in named]
    return None if any(one is None and b"#" in name for one, name in zip(found, named, strict=True)) else found
