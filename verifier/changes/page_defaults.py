"""What an entry of a page means where it is not written (ISO 32000-2 table 31): a program may write it out later."""

from __future__ import annotations

from collections.abc import Mapping

import pikepdf

from verifier.changes.revision_objects import number_of, same_text

_NUMBERS = {"/Rotate": 0.0, "/UserUnit": 1.0}
_BOXES = {"/CropBox": "/MediaBox", "/BleedBox": "/CropBox", "/TrimBox": "/CropBox", "/ArtBox": "/CropBox"}
"""A box, and the one that holds in its place."""
_Values = Mapping[str, pikepdf.Object | None]


def means_the_same(key: str, before: _Values, after: _Values) -> bool:
    """Whether one of the two writes out what the other leaves unsaid; values as inherited (§7.7.3.4)."""
    first, second = before.get(key), after.get(key)
    if (first is None) is (second is None):
        return False
    if key in _NUMBERS:
        return number_of(first if second is None else second) == _NUMBERS[key]
    box, other = _box(key, before), _box(key, after)
    return key in _BOXES and box is not None and same_text(box, other)


def _box(key: str, values: _Values) -> bytes | None:
    """The text of the box that holds."""
    while values.get(key) is None and key in _BOXES:
        key = _BOXES[key]
    found = values.get(key)
    return found.unparse(resolved=True) if isinstance(found, pikepdf.Array) else None
