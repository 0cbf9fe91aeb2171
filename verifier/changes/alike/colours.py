"""Colour spaces that every viewer paints alike: what is dark stays dark, what is light stays light (§8.6)."""

from __future__ import annotations

import pikepdf

from verifier.changes.comparison import dictionary_of
from verifier.changes.profiles import keeps_dark_and_light
from verifier.changes.revision_objects import items, name_of, number_of

MAX_DEPTH = 4
_BY_NAME = {"/DeviceGray": 1, "/DeviceRGB": 3, "/DeviceCMYK": 4, "/Pattern": 0, "/G": 1, "/RGB": 3, "/CMYK": 4}
_GAMMA = (0.5, 4.0)
_MATRIX = (-0.2, 1.2)
_UNPAINTED = frozenset({"/None", "/All"})


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
            return 1 if components(parts[1], depth + 1) else None
        case "/Separation", 4:
            return 1 if name_of(parts[1]) not in _UNPAINTED and components(parts[2], depth + 1) else None
        case "/DeviceN", 4 | 5:
            names = [name_of(one) for one in items(parts[1])]
            return len(names) if not _UNPAINTED & set(names) and components(parts[2], depth + 1) else None
        case "/Pattern", 1:
            return 0
        case ((("/DeviceGray" | "/DeviceRGB" | "/DeviceCMYK") as device), 1):
            return _BY_NAME[device]
    return None


def _of_profile(profile: pikepdf.Object) -> int | None:
    count = number_of(dictionary_of(profile).get("/N"))
    return int(count) if count in (1, 3) and keeps_dark_and_light(profile) else None


def _of_calibration(family: str, entries: dict[str, pikepdf.Object]) -> int | None:
    gamma = entries.get("/Gamma")
    exponents = items(gamma) if isinstance(gamma, pikepdf.Array) else [] if gamma is None else [gamma]
    limits = ((exponents, _GAMMA), (items(entries.get("/Matrix")), _MATRIX))
    within = all(low <= (number_of(one) or 0.0) <= high for values, (low, high) in limits for one in values)
    return (1 if family == "/CalGray" else 3) if within else None
