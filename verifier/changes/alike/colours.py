"""Colour spaces that every viewer paints alike: what is dark stays dark, what is light stays light (§8.6)."""

from __future__ import annotations

import pikepdf

from verifier.changes.alike.exponential import is_plain_exponential
from verifier.changes.comparison import dictionary_of
from verifier.changes.equality import decoded
from verifier.changes.profiles import keeps_dark_and_light
from verifier.changes.revision_objects import items, name_of, number_of

MAX_DEPTH = 4
MAX_INDEX = 255
MAX_TABLE_BYTES = 1 << 16
_BY_NAME = {"/DeviceGray": 1, "/DeviceRGB": 3, "/DeviceCMYK": 4, "/Pattern": 0, "/G": 1, "/RGB": 3, "/CMYK": 4}
_GAMMA = (0.5, 4.0)
_MATRIX = (-0.2, 1.2)
_WHITE, _NEAR_WHITE = (0.95, 1.0, 1.09), 0.15
"""D65, and how far another white point may be from it: D50 is 0.26 off in blue."""
_OWN_WAYS = frozenset({"/None", "/All", "/Black", "/Cyan", "/Magenta", "/Yellow"})
"""Colorants that some viewers paint without asking the function (§8.6.6.4)."""


def components(space: pikepdf.Object | None, depth: int = 0) -> int | None:
    """How many numbers a colour has; 0 for a pattern, None where viewers paint the space each in its own way."""
    if isinstance(space, pikepdf.Name):
        return _BY_NAME.get(str(space))
    parts = items(space)
    if not parts or depth > MAX_DEPTH:
        return None
    match name_of(parts[0]), len(parts):
        case "/ICCBased", 2:
            return _of_profile(parts[1])
        case ("/CalGray" | "/CalRGB") as family, 2:
            return _of_calibration(family, dictionary_of(parts[1]))
        case "/Indexed", 4:
            return _of_table(parts, components(parts[1], depth + 1))
        case "/Separation", 4:
            plain = name_of(parts[1]) not in _OWN_WAYS and is_plain_exponential(parts[3])
            return 1 if plain and components(parts[2], depth + 1) else None
        case "/Pattern", 1:
            return 0
        case ((("/DeviceGray" | "/DeviceRGB" | "/DeviceCMYK") as device), 1):
            return _BY_NAME[device]
    return None


def _of_profile(profile: pikepdf.Object) -> int | None:
    count = number_of(dictionary_of(profile).get("/N"))
    return int(count) if count in (1, 3) and keeps_dark_and_light(profile) else None


def _of_table(parts: list[pikepdf.Object], count: int | None) -> int | None:
    """A table with an entry for every index."""
    top = number_of(parts[2])
    table = bytes(parts[3]) if isinstance(parts[3], pikepdf.String) else decoded(parts[3], MAX_TABLE_BYTES)
    whole = count and top is not None and top == int(top) and 0 <= top <= MAX_INDEX
    return 1 if whole and table is not None and count and top is not None and len(table) >= (top + 1) * count else None


def _of_calibration(family: str, entries: dict[str, pikepdf.Object]) -> int | None:
    gamma = entries.get("/Gamma")
    exponents = items(gamma) if isinstance(gamma, pikepdf.Array) else [] if gamma is None else [gamma]
    limits = ((exponents, _GAMMA), (items(entries.get("/Matrix")), _MATRIX))
    within = all(low <= (number_of(one) or 0.0) <= high for values, (low, high) in limits for one in values)
    return (1 if family == "/CalGray" else 3) if within and _keeps_white(entries) else None


def _keeps_white(entries: dict[str, pikepdf.Object]) -> bool:
    """Whether white is a white of daylight, reached by all colours together, and black is black."""
    white = [number_of(one) or 0.0 for one in items(entries.get("/WhitePoint"))]
    matrix = [number_of(one) or 0.0 for one in items(entries.get("/Matrix"))] or [1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0]
    if len(white) != 3 or len(matrix) != 9 or any(number_of(one) for one in items(entries.get("/BlackPoint"))):
        return False
    reached = [sum(matrix[at::3]) for at in range(3)]
    near_day = all(abs(part - day) <= 2 * _NEAR_WHITE for part, day in zip(white, _WHITE, strict=True))
    return near_day and all(abs(one - part) <= _NEAR_WHITE for one, part in zip(reached, white, strict=True))
