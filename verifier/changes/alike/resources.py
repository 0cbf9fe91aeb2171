"""Resources that every viewer takes alike: graphics states and colour spaces (ISO 32000-2 §8.4.5, §8.6, §11)."""

from __future__ import annotations

from collections.abc import Mapping

import pikepdf

from verifier.changes.alike.colours import components
from verifier.changes.alike.fonts import is_plain_font
from verifier.changes.alike.functions import is_plain_shading
from verifier.changes.alike.operators import DARKENS
from verifier.changes.comparison import dictionary_of
from verifier.changes.revision_objects import items, name_of, number_of

_BLENDS = frozenset({"/Normal", "/Compatible", DARKENS})
"""Poppler and Ghostscript draw an annotation apart from its page, so that no blending reaches what is signed."""
MAX_FLATNESS = 1.0
_IGNORED_BY_SOME = frozenset({"/Font", "/D", "/HT", "/TR", "/TR2", "/UCR2", "/BG2"})


def are_plain_resources(resources: Mapping[str, pikepdf.Object]) -> bool:
    """Whether the states, colours, fonts and patterns of a form are plain ones, and what it draws says what it is."""
    drawn = dictionary_of(resources.get("/XObject")).values()
    if not all(name_of(dictionary_of(one).get("/Subtype")) in ("/Form", "/Image") for one in drawn):
        return False
    states = dictionary_of(resources.get("/ExtGState")).values()
    spaces = dictionary_of(resources.get("/ColorSpace")).values()
    return (
        all(map(_is_plain_state, states))
        and all(components(space) is not None for space in spaces)
        and all(map(is_plain_font, dictionary_of(resources.get("/Font")).values()))
        and all(map(is_plain_shading, dictionary_of(resources.get("/Shading")).values()))
        and all(map(_is_plain_pattern, dictionary_of(resources.get("/Pattern")).values()))
    )


def _is_plain_pattern(pattern: pikepdf.Object) -> bool:
    """Cells side by side, or a plain shading."""
    entries = dictionary_of(pattern)
    if number_of(entries.get("/PatternType")) == 2:
        state = entries.get("/ExtGState")
        return is_plain_shading(entries.get("/Shading")) and (state is None or _is_plain_state(state))
    box = [number_of(one) or 0.0 for one in items(entries.get("/BBox"))]
    steps = [number_of(entries.get(key)) or 0.0 for key in ("/XStep", "/YStep")]
    return len(box) == 4 and all(
        step >= side > 0 for step, side in zip(steps, (box[2] - box[0], box[3] - box[1]), strict=True)
    )


def _is_plain_state(state: pikepdf.Object) -> bool:
    entries = dictionary_of(state)
    if _IGNORED_BY_SOME & entries.keys() or ("/BM" in entries and name_of(entries["/BM"]) not in _BLENDS):
        return False
    shares = [number_of(entries[key]) for key in ("/ca", "/CA") if key in entries]
    if not all(share is not None and 0 < share <= 1 for share in shares):
        return False
    if not 0 <= (number_of(entries["/FL"]) or 0.0 if "/FL" in entries else 0.0) <= MAX_FLATNESS:
        return False
    width = number_of(entries.get("/LW", 0)) if "/LW" in entries else 0.0
    return width is not None and width >= 0 and _is_plain_mask(entries.get("/SMask"))


def _is_plain_mask(mask: pikepdf.Object | None) -> bool:
    """None, or a group with a colour space where its lightness counts."""
    if mask is None or name_of(mask) == "/None":
        return True
    entries = dictionary_of(mask)
    group = dictionary_of(dictionary_of(entries.get("/G")).get("/Group"))
    if name_of(group.get("/S")) != "/Transparency":
        return False
    kind = name_of(entries.get("/S"))
    return kind == "/Alpha" or (kind == "/Luminosity" and bool(components(group.get("/CS"))))
