"""The series in which an agency numbers its letters, as its head has set them (NĐ 30/2020 Đ.15.1).

::

    [[agency.so-tnmt.series]]
    id = "quyet-dinh"
    name = "Quyết định"                     # what the register is called
    signs = ["QĐ-STNMT"]                    # what stands after the number; several where kinds share one series
    first_number = { 2026 = 413 }           # optional: where a year begins; 1 elsewhere
    numbers_from = "portal"                 # optional: "service" unless the portal gives the numbers

``{year}`` in a sign is the year of the letter. A series begins anew each year, on 1 January of Vietnam's calendar.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

MAX_NUMBER = 999_999
MAX_NAME_CHARACTERS = 200
YEARS = range(2000, 2200)

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_SIGN = re.compile(r"[^\s/\\{}][^\s\\{}]{0,39}")
_MEMBERS = frozenset({"id", "name", "signs", "first_number", "numbers_from"})


class NumbersFrom(StrEnum):
    """Who gives the numbers of a series."""

    SERVICE = "service"
    PORTAL = "portal"


@dataclass(frozen=True)
class Series:
    """One series of an agency; ``signs`` may hold ``{year}``, ``first_numbers`` is by year."""

    id: str
    name: str
    signs: tuple[str, ...]
    first_numbers: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    numbers_from: NumbersFrom = NumbersFrom.SERVICE

    def first_number(self, year: int) -> int:
        """The number with which a year begins."""
        return self.first_numbers.get(year, 1)

    def signs_of(self, year: int) -> tuple[str, ...]:
        """What may stand after the number in that year."""
        return tuple(sign.replace("{year}", str(year)) for sign in self.signs)


def series_of(entries: Sequence[Mapping[str, Any]]) -> tuple[Series, ...]:
    """The series of one agency's entry in the agencies' file.

    Raises:
        KeyError: an entry lacks a member. TypeError, ValueError: a member is malformed, or two series share an id or
            a sign (a number under one sign would be given twice).
    """
    found = tuple(_series(entry) for entry in entries)
    for what, names in (
        ("id", [one.id for one in found]),
        ("sign", [sign for one in found for sign in one.signs]),
    ):
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise ValueError(f"series: the {what} {double[0]!r} stands twice")
    return found


def _series(entry: Mapping[str, Any]) -> Series:
    unknown = sorted(set(entry) - _MEMBERS)
    if unknown:
        raise ValueError(f"series: {unknown[0]!r} is not a member")
    identifier = str(entry["id"])
    if not _ID.fullmatch(identifier):
        raise ValueError(f"series: the id {identifier!r} is not lower case letters, digits, '.', '_', '-' (at most 40)")
    signs = tuple(_sign(identifier, sign) for sign in entry["signs"])
    if not signs:
        raise ValueError(f"series {identifier}: no signs")
    first = {int(year): number for year, number in entry.get("first_number", {}).items()}
    for year, number in first.items():
        if year not in YEARS or isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= MAX_NUMBER:
            raise ValueError(f"series {identifier}: first_number of {year}: a number from 1 to {MAX_NUMBER}")
    name = unicodedata.normalize("NFC", str(entry["name"]).strip())
    if not 0 < len(name) <= MAX_NAME_CHARACTERS:
        raise ValueError(f"series {identifier}: the name is empty or too long")
    numbers_from = NumbersFrom(entry.get("numbers_from", NumbersFrom.SERVICE))
    return Series(identifier, name, signs, MappingProxyType(first), numbers_from)


def _sign(series: str, sign: object) -> str:
    if not isinstance(sign, str) or not _SIGN.fullmatch(sign.replace("{year}", "2000")):
        raise ValueError(f"series {series}: the sign {sign!r} is not what stands after the number, as in QĐ-UBND")
    return unicodedata.normalize("NFC", sign)
