"""Who asks, and who may: callers, roles and the rule that every route must name. No Flask here.

A whole-app test walks the routes and fails for one without a rule, so a new route cannot be open by accident.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from api.errors import DomainError, Kind

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What a caller may do. One caller can hold several."""

    SUBMIT = "submit"
    """Check submissions, keep dossiers and their papers, follow events (the portal's and the officer's work)."""
    SEAL = "seal"
    """Have results signed and sealed, fetch them."""
    OPERATE = "operate"
    """Trust, keys, accounts: on the command line of the machine only."""


class CallerKind(StrEnum):
    """How the caller proved who it is."""

    ANONYMOUS = "anonymous"
    PORTAL = "portal"
    OFFICER = "officer"
    COMMAND_LINE = "command-line"


@dataclass(frozen=True)
class Caller:
    """Who asks. ``id`` is stable, stands in the record of acts; ``agency`` limits an officer to one agency's seals."""

    kind: CallerKind
    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    agency: str | None = None

    def require(self, role: Role) -> None:
        """Refuse a caller without the role.

        Raises:
            DomainError: AUTHENTICATION_REQUIRED for nobody in particular, FORBIDDEN for somebody without the role.
        """
        if role in self.roles:
            return
        raise DomainError(Kind.AUTHENTICATION_REQUIRED if self.kind is CallerKind.ANONYMOUS else Kind.FORBIDDEN)


ANONYMOUS = Caller(CallerKind.ANONYMOUS, "anonymous", "")
COMMAND_LINE = Caller(CallerKind.COMMAND_LINE, "command-line", "antin", frozenset(Role))


class Rule(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    """Anybody, without an account."""
    LIMITED = "limited"
    """Anybody, but only so often from one address (public look-ups, sign-in)."""
    PORTAL = "portal"
    """A program with a portal key."""
    OFFICER = "officer"
    """A signed-in officer; state-changing requests carry the form's token."""
    STAFF = "staff"
    """A portal key or a signed-in officer."""


_ALLOWED: dict[Rule, frozenset[CallerKind]] = {
    Rule.PUBLIC: frozenset(CallerKind),
    Rule.LIMITED: frozenset(CallerKind),
    Rule.PORTAL: frozenset({CallerKind.PORTAL}),
    Rule.OFFICER: frozenset({CallerKind.OFFICER}),
    Rule.STAFF: frozenset({CallerKind.PORTAL, CallerKind.OFFICER}),
}


@dataclass(frozen=True)
class Access:
    """The rule of one route: the kind of caller and, where the kind is not enough, the role."""

    rule: Rule
    role: Role | None = None

    def check(self, caller: Caller) -> None:
        """Let the caller pass or raise.

        Raises:
            DomainError: AUTHENTICATION_REQUIRED or FORBIDDEN.
        """
        if caller.kind not in _ALLOWED[self.rule]:
            raise DomainError(Kind.AUTHENTICATION_REQUIRED if caller.kind is CallerKind.ANONYMOUS else Kind.FORBIDDEN)
        if self.role is not None:
            caller.require(self.role)


def access(rule: Rule, role: Role | None = None) -> Callable[[View], View]:
    """Declare a view's rule: ``@access(Rule.STAFF, Role.SUBMIT)``. ``api/app.py`` enforces it before the view runs."""

    def declare(view: View) -> View:
        view.__access__ = Access(rule, role)  # type: ignore[attr-defined]  # a mark on a function
        return view

    return declare


def declared_access(view: object) -> Access | None:
    """The rule a view declared, None where it forgot."""
    declared = getattr(view, "__access__", None)
    return declared if isinstance(declared, Access) else None
