"""The provincial regulations as data: what each says of unsigned papers, deadlines and reports, and when it holds.

One TOML file in ``profiles/`` for each regulation; the file's name is its key. Nothing in the code knows a province.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any


class OutcomeCode(StrEnum):
    """What becomes of a submitted paper; the sentence of each stands in ``i18n/outcomes.toml``."""

    ACCEPTED = "ACCEPTED"
    ACCEPTED_NONE_REQUIRED = "ACCEPTED-NONE-REQUIRED"
    ACCEPTED_COMPARE_AT_HANDOVER = "ACCEPTED-COMPARE-AT-HANDOVER"
    LEVEL_3 = "LEVEL-3"
    SEND_BY_POST = "SEND-BY-POST"
    SUPPLEMENT_NEEDED = "SUPPLEMENT-NEEDED"
    OFFICER_DECIDES = "OFFICER-DECIDES"


class Column(StrEnum):
    """The four situations for which a regulation names an outcome (procedure asks for a signature)."""

    PASSED = "passed"
    """Every signature is TOTAL-PASSED and one is the applicant's."""
    UNSIGNED = "unsigned"
    """Nobody signed. A broken signature is never this."""
    FAILED = "failed"
    """A signature is TOTAL-FAILED, or the applicant is not among the signers."""
    INDETERMINATE = "indeterminate"
    """A signature could not be judged."""


@dataclass(frozen=True)
class Cell:
    """One cell of a regulation's table, with the article it rests on."""

    code: OutcomeCode
    article: str


class DeadlineUnit(StrEnum):
    """How a regulation counts the time for forwarding a dossier."""

    WORKING_DAY = "working-day"
    DAY = "day"
    AT_ONCE = "at-once"
    UNKNOWN = "unknown"
    """The regulation's deadline has not been confirmed with its text."""


@dataclass(frozen=True)
class ForwardingDeadline:
    """How soon a received dossier goes to the agency that decides; ``amount`` in ``unit``, 0 for at once."""

    unit: DeadlineUnit
    amount: Decimal
    article: str


class ReportPeriod(StrEnum):
    """How often a report is due."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    AS_INSTRUMENT = "as-instrument"
    """By the calendar of another instrument (``ReportDue.calendar_of``)."""


@dataclass(frozen=True)
class ReportDue:
    """One report that is due: before ``before_day`` of ``in_month`` (1..12; None: the period's last month)."""

    period: ReportPeriod
    by: str
    before_day: int | None
    in_month: int | None
    calendar_of: str | None
    article: str


@dataclass(frozen=True)
class Turn:
    """The day on which a regulation begins or ends, as narrowly as it is known; None: not known, or not yet."""

    earliest: date
    latest: date | None

    @property
    def certain(self) -> bool:
        """The very day is known."""
        return self.earliest == self.latest


@dataclass(frozen=True)
class ProvinceProfile:
    """One regulation. It holds from ``in_force_from`` until the day before ``in_force_until``."""

    key: str
    name: str
    province: str
    province_name: str
    instrument: str
    in_force_from: Turn
    in_force_until: Turn
    outcomes: Mapping[Column, Cell]
    forwarding: ForwardingDeadline
    reports: tuple[ReportDue, ...]
    one_paper_per_file: str | None = None
    """The article that asks for each paper in a file of its own; None where none does."""

    def may_hold_on(self, day: date) -> bool:
        """Could the regulation be in force on that day, as far as its dates are known."""
        begun = day >= self.in_force_from.earliest
        ended = self.in_force_until.latest is not None and day > self.in_force_until.latest
        return begun and not ended

    def surely_holds_on(self, day: date) -> bool:
        """Is the regulation in force on that day, whichever of the possible days are the true ones."""
        begun = self.in_force_from.latest is not None and day >= self.in_force_from.latest
        return begun and day < self.in_force_until.earliest


def profiles_on(profiles: Mapping[str, ProvinceProfile], province: str, day: date) -> tuple[ProvinceProfile, ...]:
    """The province's regulations that may hold on that day: one is the answer, several the caller must tell apart."""
    possible = [p for p in profiles.values() if p.province == province and p.may_hold_on(day)]
    sure = [p for p in possible if p.surely_holds_on(day)]
    return tuple(sure or possible)


@cache
def load_profiles(directory: Path | None = None) -> Mapping[str, ProvinceProfile]:
    """Read every regulation, by key.

    Raises:
        ValueError: a file names an unknown outcome, unit or period, or misses one of the four columns.
        KeyError: a file misses a value.
    """
    profiles = {}
    for path in sorted((directory or Path(__file__).parent / "profiles").glob("*.toml")):
        with path.open("rb") as stream:
            profiles[path.stem] = parse_profile(path.stem, tomllib.load(stream, parse_float=Decimal))
    return MappingProxyType(profiles)


def parse_profile(key: str, data: Mapping[str, Any]) -> ProvinceProfile:
    """A regulation from its TOML values (see ``load_profiles`` for what it raises)."""
    outcomes = {
        Column(name): Cell(OutcomeCode(cell["code"]), cell["article"]) for name, cell in data["outcomes"].items()
    }
    missing = set(Column) - set(outcomes)
    if missing:
        raise ValueError(f"{key}: no outcome for {', '.join(sorted(missing))}")
    forwarding = data["forwarding"]
    return ProvinceProfile(
        key=key,
        name=data["name"],
        province=data["province"],
        province_name=data["province_name"],
        instrument=data["instrument"],
        in_force_from=_turn(data["in_force_from"]),
        in_force_until=_turn(data["in_force_until"]),
        outcomes=MappingProxyType(outcomes),
        forwarding=ForwardingDeadline(
            DeadlineUnit(forwarding["unit"]), Decimal(forwarding.get("amount", 0)), forwarding["article"]
        ),
        reports=tuple(_report(row) for row in data["reports"]),
        one_paper_per_file=data.get("one_paper_per_file"),
    )


def _turn(data: Mapping[str, date]) -> Turn:
    return Turn(data["earliest"], data.get("latest"))


def _report(row: Mapping[str, Any]) -> ReportDue:
    month = row.get("in_month")
    return ReportDue(
        period=ReportPeriod(row["period"]),
        by=row["by"],
        before_day=row.get("before_day"),
        in_month=month if isinstance(month, int) else None,
        calendar_of=row.get("calendar_of"),
        article=row["article"],
    )
