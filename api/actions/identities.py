"""Portal keys and officers: who may come in. Secrets are shown once and kept only as digests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from api.callers import ALL_AGENCIES, Caller
from api.services import Services


@dataclass(frozen=True)
class NewApiKey:
    """A portal key at the only moment its text is known: ``antin_<id>_<secret>``."""

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class ApiKey:
    """A portal key as listed; no secret."""

    id: str
    name: str
    agencies: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Officer:
    """An officer's account; no password."""

    id: str
    sign_in_name: str
    name: str
    agencies: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class Session:
    """A signed-in officer. ``token`` goes into the cookie and is kept only as a digest."""

    token: str
    caller: Caller
    expires_at: datetime


def create_api_key(
    services: Services, caller: Caller, name: str, agencies: Collection[str] = (ALL_AGENCIES,)
) -> NewApiKey:
    """Make a portal key."""
    raise NotImplementedError


def revoke_api_key(services: Services, caller: Caller, key_id: str) -> None:
    """Make a portal key useless from now on; an unknown or revoked one is left as it is."""
    raise NotImplementedError


def list_api_keys(services: Services, caller: Caller) -> list[ApiKey]:
    """Every portal key, revoked ones too."""
    raise NotImplementedError


def authenticate_api_key(services: Services, text: str) -> Caller | None:
    """The caller that a presented key stands for; None where it is unknown, revoked or malformed."""
    raise NotImplementedError


def create_officer(
    services: Services,
    caller: Caller,
    sign_in_name: str,
    name: str,
    password: str,
    agencies: Collection[str] = (ALL_AGENCIES,),
) -> Officer:
    """Make an officer's account.

    Raises:
        Refused: INVALID_REQUEST (field ``password``: under 12 characters; ``sign_in_name``: malformed or taken).
    """
    raise NotImplementedError


def set_officer_password(services: Services, caller: Caller, sign_in_name: str, password: str) -> None:
    """Set a new password and end the officer's sessions.

    Raises:
        Refused: INVALID_REQUEST (unknown ``sign_in_name``, weak ``password``).
    """
    raise NotImplementedError


def disable_officer(services: Services, caller: Caller, sign_in_name: str) -> None:
    """Close an account and end its sessions.

    Raises:
        Refused: INVALID_REQUEST (unknown ``sign_in_name``).
    """
    raise NotImplementedError


def list_officers(services: Services, caller: Caller) -> list[Officer]:
    """Every officer's account."""
    raise NotImplementedError


def sign_in(services: Services, sign_in_name: str, password: str, address: str) -> Session | None:
    """Check a password and open a session; None where name and password do not fit.

    Args:
        services: the object graph.
        sign_in_name: as typed.
        password: as typed.
        address: network address of the visitor, for throttling only.

    Raises:
        Refused: SIGN_IN_THROTTLED (``retry_after_s``) after too many failures for this name or address.
    """
    raise NotImplementedError


def resume_session(services: Services, token: str) -> Caller | None:
    """The officer a cookie's token stands for; None where the session ended."""
    raise NotImplementedError


def sign_out(services: Services, token: str) -> None:
    """End a session."""
    raise NotImplementedError
