"""Who may call what: the rule that every route must name. No Flask here.

A whole-app test walks the routes and fails for one without a rule, so a new route cannot be open by accident.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from api.callers import Caller, CallerKind
from api.errors import Kind, RequestError

View = TypeVar("View", bound=Callable[..., Any])


class Rule(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    """Anybody, without an account."""
    LIMITED = "limited"
    """Anybody, but only so often from one address (public look-ups, sign-in)."""
    PORTAL = "portal"
    """A portal key (other software, by the CSC API)."""
    OFFICER = "officer"
    """A signed-in officer; state-changing requests carry the form's token."""
    STAFF = "staff"
    """A portal key or a signed-in officer."""

    @property
    def open_to_all(self) -> bool:
        """Needs no account."""
        return not _ALLOWED[self]


_ALLOWED: dict[Rule, frozenset[CallerKind]] = {
    Rule.PUBLIC: frozenset(),
    Rule.LIMITED: frozenset(),
    Rule.PORTAL: frozenset({CallerKind.PORTAL}),
    Rule.OFFICER: frozenset({CallerKind.OFFICER}),
    Rule.STAFF: frozenset({CallerKind.PORTAL, CallerKind.OFFICER}),
}


def check_access(rule: Rule, caller: Caller | None) -> None:
    """Let the caller pass or raise.

    Raises:
        RequestError: AUTHENTICATION_REQUIRED for nobody in particular, FORBIDDEN for somebody of another kind.
    """
    if rule.open_to_all:
        return
    if caller is None:
        raise RequestError(Kind.AUTHENTICATION_REQUIRED)
    if caller.kind not in _ALLOWED[rule]:
        raise RequestError(Kind.FORBIDDEN)


def access(rule: Rule) -> Callable[[View], View]:
    """Declare a view's rule: ``@access(Rule.STAFF)``. ``api/app.py`` enforces it before the view runs."""

    def declare(view: View) -> View:
        view.__access__ = rule  # type: ignore[attr-defined]  # a mark on a function
        return view

    return declare


def declared_access(view: object) -> Rule | None:
    """The rule a view declared, None where it forgot."""
    declared = getattr(view, "__access__", None)
    return declared if isinstance(declared, Rule) else None
