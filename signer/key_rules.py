"""What a key may be used for: how often, when, by which agencies; pure data and one pure decision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from signer.refusal import RefusalCode, SealRefused

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAX_NAME_CHARACTERS = 120

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class Purpose(StrEnum):
    """What a key is used for, as the record of acts says it."""

    SEAL = "seal"
    """A document that the service prepared and checks afterwards."""
    REMOTE_HASH = "remote-hash"
    """A digest that other software sent (CSC API); the service does not see the document."""
    REPORT = "report"
    """The service's own seal on a validation report or on the manifest of its evidence."""


@dataclass(frozen=True)
class WorkingHours:
    """When a key may be used, in Vietnam's zone. ``days`` are ISO weekdays (1 is Monday); ``end`` is exclusive."""

    days: frozenset[int]
    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.days or not self.days <= frozenset(range(1, 8)) or self.start >= self.end:
            raise ValueError("hours: weekdays 1 to 7, and a beginning before the end")

    def hold(self, at: datetime) -> bool:
        """Is ``at`` within the hours."""
        local = at.astimezone(VIETNAM)
        return local.isoweekday() in self.days and self.start <= local.time() < self.end

    def __str__(self) -> str:
        days = ",".join(str(day) for day in sorted(self.days))
        return f"{self.start:%H:%M}–{self.end:%H:%M} ({days})"


@dataclass(frozen=True)
class KeyRules:
    """The rules of one key. ``name`` is where the key is, without path or secret: agencies that name the same key share
    its quota. None means without that limit. ``remote_hash_signing`` lets other software have digests signed.
    """

    name: str
    per_hour: int | None = None
    per_day: int | None = None
    hours: WorkingHours | None = None
    agencies: frozenset[str] | None = None
    remote_hash_signing: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= MAX_NAME_CHARACTERS or not self.name.isprintable():
            raise ValueError(f"the name of a key has 1 to {MAX_NAME_CHARACTERS} printable characters")
        if any(limit is not None and limit < 1 for limit in (self.per_hour, self.per_day)):
            raise ValueError("per_hour and per_day are 1 or more")


@dataclass(frozen=True)
class KeyUse:
    """One use that is asked for. ``caller`` is who ordered it, ``subject`` what it is for (a result)."""

    caller: str
    agency: str
    purpose: Purpose
    subject: str


@dataclass(frozen=True)
class PastUses:
    """How often a key was used in the last hour and the last day (refused and failed uses are not counted)."""

    last_hour: int
    last_day: int


def check_use(rules: KeyRules, use: KeyUse, past: PastUses, at: datetime) -> None:
    """May the key be used once more.

    1 the agency · 2 the purpose · 3 the hours · 4 the quotas.

    Raises:
        SealRefused: KEY-NOT-FOR-AGENCY, KEY-NOT-FOR-HASHES, KEY-OUTSIDE-HOURS, KEY-QUOTA-REACHED.
    """
    named = ("key", rules.name)
    if rules.agencies is not None and use.agency not in rules.agencies:  # 1
        raise SealRefused(RefusalCode.KEY_NOT_FOR_AGENCY, (named, ("agency", use.agency)))
    if use.purpose is Purpose.REMOTE_HASH and not rules.remote_hash_signing:  # 2
        raise SealRefused(RefusalCode.KEY_NOT_FOR_HASHES, (named,))
    if rules.hours is not None and not rules.hours.hold(at):  # 3
        raise SealRefused(RefusalCode.KEY_OUTSIDE_HOURS, (named, ("hours", str(rules.hours))))
    for limit, count, period in (  # 4
        (rules.per_hour, past.last_hour, "60"),
        (rules.per_day, past.last_day, "1440"),
    ):
        if limit is not None and count >= limit:
            raise SealRefused(RefusalCode.KEY_QUOTA_REACHED, (named, ("limit", str(limit)), ("minutes", period)))


def read_rules(name: str, entry: Mapping[str, Any]) -> KeyRules:
    """The rules as they stand beside a key in ``agencies.toml``.

    Raises:
        ValueError: a rule is malformed.
    """
    agencies = entry.get("agencies")
    if agencies is not None and not (isinstance(agencies, list) and all(isinstance(one, str) for one in agencies)):
        raise ValueError("agencies: a list of agency ids")
    return KeyRules(
        name=str(entry.get("name", name)),
        per_hour=_count(entry, "per_hour"),
        per_day=_count(entry, "per_day"),
        hours=None if "hours" not in entry else _hours(entry["hours"]),
        agencies=None if agencies is None else frozenset(agencies),
        remote_hash_signing=_switch(entry, "remote_hash_signing"),
    )


def _hours(entry: object) -> WorkingHours:
    if not isinstance(entry, Mapping) or entry.keys() - {"days", "from", "to"}:
        raise ValueError("hours: days, from, to")
    texts = [str(entry.get(name, "")) for name in ("from", "to")]
    if not all(_TIME.fullmatch(text) for text in texts):
        raise ValueError('hours: from and to as "07:30"')
    start, end = (time.fromisoformat(text) for text in texts)
    return WorkingHours(frozenset(entry.get("days", (1, 2, 3, 4, 5))), start, end)


def _count(entry: Mapping[str, Any], name: str) -> int | None:
    value = entry.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"{name}: a whole number")
    return value


def _switch(entry: Mapping[str, Any], name: str) -> bool:
    value = entry.get(name, False)
    if not isinstance(value, bool):
        raise TypeError(f"{name}: true or false")
    return value
