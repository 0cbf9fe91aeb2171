"""The catalogue: what is known of the authorities, as facts that pin an imported certificate; none is shipped.

Rows stand in ``catalogue.toml`` (shipped) and in the operator's own file of the same form. In a row, ``crl`` and
``ocsp`` are where the status of what this authority **issued** is published; ``aia`` is where its own certificate is.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from certs.addresses import normalised

SHIPPED = "catalogue.toml"


class CatalogueError(ValueError):
    """A catalogue file cannot be used; the message says which row and why."""


class Regime(StrEnum):
    """Which of the two public-key infrastructures (NĐ 23/2025 and NĐ 68/2024) an authority belongs to."""

    PUBLIC = "public"
    OFFICIAL = "official"
    UNKNOWN = "unknown"


class Purpose(StrEnum):
    """What an anchor is trusted for."""

    SIGNING = "signing"
    TIME_STAMPING = "time-stamping"


ALL_PURPOSES = frozenset(Purpose)


class Role(StrEnum):
    """Where in its tree a catalogued certificate stands."""

    ROOT = "root"
    SUB = "sub"
    TSA = "tsa"


@dataclass(frozen=True)
class Entry:
    """One known certificate: what pins it, and the addresses that belong to it."""

    name: str
    regime: Regime
    role: Role
    sha256: str
    subject: str
    ski: str | None
    not_before: datetime
    not_after: datetime
    crl: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()
    aia: tuple[str, ...] = ()
    sha1_tree: bool = False
    purposes: frozenset[Purpose] = ALL_PURPOSES


@dataclass(frozen=True)
class Service:
    """Addresses that belong to a regime and to no catalogued certificate: time stamps, authorities not yet pinned."""

    name: str
    regime: Regime
    crl: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()
    aia: tuple[str, ...] = ()
    tsa: tuple[str, ...] = ()


class KnownKind(StrEnum):
    """What a party is that the catalogue names without pinning it."""

    AUTHORITY = "authority"
    DATA_MESSAGE_SERVICE = "data-message-service"


@dataclass(frozen=True)
class Known:
    """A party known by its name and key, or by words in its name; nothing is trusted for standing here.

    ``certificate`` is the address of its own certificate, as what it issued says.
    """

    name: str
    regime: Regime
    kind: KnownKind
    common_name: str | None = None
    ski: str | None = None
    certificate: str | None = None
    words: tuple[str, ...] = ()

    def is_issuer(self, common_name: str, key_identifier: str) -> bool:
        """Is it the authority of this name and key identifier (hexadecimal)."""
        return self.ski is not None and (self.common_name, self.ski) == (common_name, key_identifier)

    def is_named_by(self, text: str) -> bool:
        """Does one of its words stand in this name."""
        found = re.findall(r"[a-z0-9-]+", text.casefold())
        return any(word in found for word in self.words)


@dataclass(frozen=True)
class Catalogue:
    """All rows, shipped and the operator's own. Picklable; asked by fingerprint."""

    entries: tuple[Entry, ...]
    services: tuple[Service, ...]
    operator_entries: tuple[Entry, ...] = ()
    operator_services: tuple[Service, ...] = ()
    known: tuple[Known, ...] = ()

    def all_entries(self) -> tuple[Entry, ...]:
        """Shipped rows, then the operator's."""
        return (*self.entries, *self.operator_entries)

    def entry(self, sha256: str) -> Entry | None:
        """The row that pins this fingerprint (hex SHA-256 of the DER), or None."""
        return next((entry for entry in self.all_entries() if entry.sha256 == sha256.lower()), None)

    def known_issuer(self, common_name: str, key_identifier: str) -> Known | None:
        """The authority of this name and key that is known and not pinned, or None."""
        return next((one for one in self.known if one.is_issuer(common_name, key_identifier)), None)

    def data_message_service(self, *names: str) -> Known | None:
        """The licensed service for data messages that one of these names names, or None."""
        services = [one for one in self.known if one.kind is KnownKind.DATA_MESSAGE_SERVICE]
        return next((one for one in services if any(map(one.is_named_by, names))), None)

    def addresses(self) -> frozenset[str]:
        """Every CRL, OCSP, AIA and TSA address that may be fetched, normalised."""
        return _addresses(self.entries, self.services) | self.operator_addresses()

    def operator_addresses(self) -> frozenset[str]:
        """The addresses the operator configured: these alone may be private or loopback."""
        return _addresses(self.operator_entries, self.operator_services)

    def time_stamping_addresses(self, regime: Regime) -> tuple[str, ...]:
        """The TSA addresses of a regime; the operator's own come first."""
        services = (*self.operator_services, *self.services)
        return tuple(url for service in services if service.regime is regime for url in service.tsa)


def load_catalogue(extra: Path | None = None) -> Catalogue:
    """Read the shipped catalogue and, where given, the operator's file of the same form.

    Raises:
        CatalogueError: a file is not TOML, a row lacks a fact or repeats a fingerprint.
    """
    entries, services, named = _parse(resources.files("certs").joinpath(SHIPPED).read_text("utf-8"), SHIPPED)
    if extra is None:
        return Catalogue(entries, services, known=named)
    try:
        text = extra.read_text("utf-8")
    except OSError as error:
        raise CatalogueError(f"{extra}: {error.strerror}") from error
    own_entries, own_services, own_named = _parse(text, str(extra))
    known = {entry.sha256 for entry in entries}
    repeated = [entry.name for entry in own_entries if entry.sha256 in known]
    if repeated:
        raise CatalogueError(f"{extra}: already in the shipped catalogue: {', '.join(repeated)}")
    return Catalogue(entries, services, own_entries, own_services, (*own_named, *named))


def _parse(text: str, source: str) -> tuple[tuple[Entry, ...], tuple[Service, ...], tuple[Known, ...]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{source}: {error}") from error
    unknown = set(table) - {"authority", "service", "known"}
    if unknown:
        raise CatalogueError(f"{source}: unknown tables {sorted(unknown)}")
    entries = tuple(_entry(row, source) for row in table.get("authority", []))
    seen: set[str] = set()
    for entry in entries:
        if entry.sha256 in seen:
            raise CatalogueError(f"{source}: {entry.name}: fingerprint stands twice")
        seen.add(entry.sha256)
    services = tuple(_service(row, source) for row in table.get("service", []))
    return entries, services, tuple(_known(row, source) for row in table.get("known", []))


def _entry(row: dict[str, Any], source: str) -> Entry:
    name = str(row.get("name", "(no name)"))
    try:
        sha256 = str(row["sha256"]).lower()
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise ValueError("sha256 is not 64 hex digits")
        not_before, not_after = row["not_before"], row["not_after"]
        for time in (not_before, not_after):
            if not isinstance(time, datetime) or time.tzinfo is None:
                raise ValueError("not_before and not_after are times with a zone")
        return Entry(
            name=name,
            regime=Regime(row["regime"]),
            role=Role(row["role"]),
            sha256=sha256,
            subject=str(row["subject"]),
            ski=row.get("ski"),
            not_before=not_before,
            not_after=not_after,
            crl=_urls(row, "crl"),
            ocsp=_urls(row, "ocsp"),
            aia=_urls(row, "aia"),
            sha1_tree=bool(row.get("sha1_tree", False)),
            purposes=frozenset(Purpose(p) for p in row.get("purposes", [p.value for p in Purpose])),
        )
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"{source}: {name}: {error!r}") from error


def _service(row: dict[str, Any], source: str) -> Service:
    name = str(row.get("name", "(no name)"))
    try:
        urls = {kind: _urls(row, kind) for kind in ("crl", "ocsp", "aia", "tsa")}
        return Service(name=name, regime=Regime(row["regime"]), **urls)
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"{source}: {name}: {error!r}") from error


def _known(row: dict[str, Any], source: str) -> Known:
    name = str(row.get("name", "(no name)"))
    try:
        return Known(
            name=name,
            regime=Regime(row["regime"]),
            kind=KnownKind(row["kind"]),
            common_name=row.get("common_name"),
            ski=row.get("ski"),
            certificate=row.get("certificate"),
            words=tuple(row.get("words", ())),
        )
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"{source}: {name}: {error!r}") from error


def _urls(row: dict[str, Any], kind: str) -> tuple[str, ...]:
    return tuple(normalised(url) for url in row.get(kind, []))


def _addresses(entries: tuple[Entry, ...], services: tuple[Service, ...]) -> frozenset[str]:
    found = {url for entry in entries for url in (*entry.crl, *entry.ocsp, *entry.aia)}
    found |= {url for service in services for url in (*service.crl, *service.ocsp, *service.aia, *service.tsa)}
    return frozenset(found)
