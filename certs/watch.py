"""What expires soon: anchors, CAs, time stamp authorities, and the CRLs that ``antin trust refresh`` last saw."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import resources

from certs.anchors import Imported
from certs.catalogue import Role
from certs.refresh import SeenCrl


class Watched(StrEnum):
    """What is watched."""

    ANCHOR = "anchor"
    AUTHORITY = "authority"
    TIME_STAMPING = "time-stamping"
    CRL = "crl"


_ROLES = {Role.ROOT: Watched.ANCHOR, Role.SUB: Watched.AUTHORITY, Role.TSA: Watched.TIME_STAMPING}


@dataclass(frozen=True)
class Thresholds:
    """How long before its end each is mentioned, and how long an expired certificate is still mentioned."""

    before: dict[Watched, timedelta]
    expired: timedelta


@dataclass(frozen=True)
class ExpiryWarning:
    """One thing that ends soon, or has ended: ``until`` is notAfter or nextUpdate (aware UTC)."""

    kind: Watched
    name: str
    until: datetime
    expired: bool

    @property
    def code(self) -> str:
        """Code of its sentence."""
        return f"watch.{self.kind.value}.{'expired' if self.expired else 'soon'}"


def load_thresholds() -> Thresholds:
    """The shipped thresholds (``watch.toml``)."""
    values = tomllib.loads(resources.files("certs").joinpath("watch.toml").read_text("utf-8"))
    before = {Watched(name): timedelta(days=days) for name, days in values["before_days"].items()}
    before |= {Watched(name): timedelta(hours=hours) for name, hours in values["before_hours"].items()}
    return Thresholds(before, timedelta(days=values["after_days"]["expired"]))


def expiry_warnings(
    held: Iterable[Imported], crls: Iterable[SeenCrl], thresholds: Thresholds, at: datetime
) -> tuple[ExpiryWarning, ...]:
    """What of the trust store and of the CRLs last seen needs the operator's eye at ``at``, most urgent first."""
    ends = [(_ROLES[item.entry.role], item.entry.name, item.entry.not_after) for item in held]
    ends += [(Watched.CRL, crl.issuer, crl.next_update) for crl in crls if crl.next_update is not None]
    warnings = [
        ExpiryWarning(kind, name, until, until < at)
        for kind, name, until in ends
        if until - thresholds.before[kind] <= at and (kind is Watched.CRL or at - until <= thresholds.expired)
    ]
    return tuple(sorted(warnings, key=lambda warning: warning.until))
