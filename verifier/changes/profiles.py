"""Whether a colour profile leaves colours as a viewer without it shows them (ICC.1:2022, matrix profiles for display).

Some viewers draw device colours through the profile of the output intent: one that maps ink to paper would take the
words of a page away. So a profile has to be sRGB in all but rounding: its three colorants, and curves like those of
sRGB.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import pikepdf

from verifier.changes.equality import decoded
from verifier.changes.revision_objects import number_of

MAX_PROFILE_BYTES = 1 << 20
_COLORANTS = {
    b"rXYZ": (0.4361, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
"""Of sRGB, adapted to D50."""
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_KNOWN = frozenset(
    {*_COLORANTS, *_CURVES, b"desc", b"cprt", b"wtpt", b"bkpt", b"dmnd", b"dmdd", b"vued", b"view", b"lumi", b"meas"}
    | {b"tech", b"chad", b"chrm", b"dscm", b"calt", b"targ", b"mmod"}
)
_MAX_OFF = 0.03
_COLORANT_OFF, _CURVE_OFF = 0.3, 0.3
"""Of any space for display: Adobe RGB, a camera's, a gamma between 1.4 and 3."""
_TABLES = frozenset({b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2"})


def keeps_colours(stream: pikepdf.Object) -> bool:
    """Whether the profile is one of sRGB, by what it computes."""
    data = decoded(stream, MAX_PROFILE_BYTES) if isinstance(stream, pikepdf.Stream) else None
    if data is None or number_of(stream.get("/N")) != 3 or data[16:24] != b"RGB XYZ " or data[36:40] != b"acsp":
        return False
    try:
        tags = _tags(data)
        colorants = all(_is_near(_xyz(tags[name]), wanted) for name, wanted in _COLORANTS.items())
        curves = [_curve(tags[name]) for name in _CURVES]
    except (KeyError, struct.error, ValueError, IndexError):
        return False
    steps = [at / 16 for at in range(17)]
    alike = all(abs(curve(x) - _srgb(x)) <= _MAX_OFF for curve in curves for x in steps)
    return colorants and alike and tags.keys() <= _KNOWN


def keeps_dark_and_light(stream: pikepdf.Object) -> bool:
    """Whether a profile of display colours or of grey leaves dark what is dark, and light what is light.

    Some viewers paint by the profile, others leave it out: one that turns ink into paper hides words from the first.
    """
    data = decoded(stream, MAX_PROFILE_BYTES) if isinstance(stream, pikepdf.Stream) else None
    if data is None or data[16:24] not in (b"RGB XYZ ", b"GRAYXYZ ") or data[36:40] != b"acsp":
        return False
    try:
        tags = _tags(data)
        grey = data[16:20] == b"GRAY"
        curves = [_curve(tags[name]) for name in ((b"kTRC",) if grey else _CURVES)]
        near = grey or all(_is_near(_xyz(tags[name]), wanted, _COLORANT_OFF) for name, wanted in _COLORANTS.items())
    except (KeyError, struct.error, ValueError, IndexError):
        return False
    alike = all(abs(curve(at / 16) - _srgb(at / 16)) <= _CURVE_OFF for curve in curves for at in range(17))
    return alike and near and number_of(stream.get("/N")) == len(curves) and not tags.keys() & _TABLES


def _tags(data: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", data, 128)
    if count > 100:
        raise ValueError("too many tags")
    found: dict[bytes, bytes] = {}
    for at in range(132, 132 + 12 * count, 12):
        name, offset, size = struct.unpack_from(">4sII", data, at)
        if name in found:
            raise ValueError("a tag twice")
        found[name] = data[offset : offset + size]
    return found


def _xyz(tag: bytes) -> tuple[float, float, float]:
    x, y, z = struct.unpack_from(">iii", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _is_near(one: tuple[float, ...], other: tuple[float, ...], off: float = _MAX_OFF) -> bool:
    return all(abs(first - second) <= off for first, second in zip(one, other, strict=True))


def _curve(tag: bytes) -> Callable[[float], float]:
    """A tone curve: a gamma, a table, or the parametric form of sRGB (ICC.1 §10.6, §10.18)."""
    if tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        if kind not in (0, 3):
            raise ValueError("another form")
        numbers = [n / 65536 for n in struct.unpack_from(">5i" if kind else ">i", tag, 12)]
        g, a, b, c, d = numbers if kind else (*numbers, 1.0, 0.0, 0.0, 0.0)
        return lambda x: (max(a * x + b, 0.0)) ** g if x >= d else c * x
    if tag[:4] != b"curv":
        raise ValueError("another form")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 1:
        gamma = struct.unpack_from(">H", tag, 12)[0] / 256
        return lambda x: float(x**gamma)
    if not 2 <= count <= 65536:
        raise ValueError("no curve")
    table = struct.unpack_from(f">{count}H", tag, 12)
    return lambda x: float(table[round(x * (count - 1))] / 65535)


def _srgb(x: float) -> float:
    return float(x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4)
