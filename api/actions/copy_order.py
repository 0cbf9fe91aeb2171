"""What a copy is asked to be: its form, what it was made from, and who converted it from paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

COPY_FORMS = ("sao-y", "sao-luc", "trich-sao")
COPY_SOURCES = ("paper", "electronic")
MAX_CONVERTER_CHARACTERS = 120

_SHA256 = re.compile(r"[0-9a-f]{64}")

LATER_MEMBERS = frozenset({"note_check", "note_sha256", "original_sha256"})
"""Left out where they are None: an order has the digest that it had before there were such members."""


@dataclass(frozen=True)
class CopyWish:
    """A copy of a paper (NĐ 30/2020 Đ.25); ``certified``: by NĐ 45/2020 Đ.10, with the certifier's signature too.

    ``converter`` and ``converted_on`` say who made an electronic document of the paper, and when (Law 20/2023 Đ.12).
    ``original_sha256`` names the electronic original that is on file; a certified copy of an electronic one needs it.
    The register's number and year, and the transfer note that a certified copy takes along (its scan check, its
    digest), are allotted with the intent, never asked for.
    """

    form: str
    source: str
    certified: bool = False
    converter: str | None = None
    converted_on: date | None = None
    register_number: int | None = None
    register_year: int | None = None
    note_check: str | None = None
    note_sha256: str | None = None
    original_sha256: str | None = None

    @property
    def takes_note(self) -> bool:
        """Does it go out with the transfer note of its scan, where there is one."""
        return self.certified and self.source == "paper"


def fault(wish: CopyWish, today: date) -> str | None:
    """The member that is malformed; None where all are well."""
    if wish.form not in COPY_FORMS:
        return "form"
    if wish.source not in COPY_SOURCES:
        return "source"
    if wish.converter is not None and not 0 < len(wish.converter.strip()) <= MAX_CONVERTER_CHARACTERS:
        return "converter"
    original = wish.original_sha256
    if original is not None and (wish.source != "electronic" or not _SHA256.fullmatch(original)):
        return "original_sha256"
    if wish.converted_on is not None and (wish.converted_on > today or wish.converter is None):
        return "converted_on"
    if wish.register_number is not None or wish.register_year is not None:
        return "register_number"
    if wish.note_check is not None or wish.note_sha256 is not None:
        return "note_check"
    return None
