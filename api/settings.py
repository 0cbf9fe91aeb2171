"""What an operator can set, read once: environment first, then ``antin.toml`` in the home directory, then defaults."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_UPLOAD_BYTES = 100 * 1024 * 1024
"""Largest upload (contract: 100 MiB); a 300-page colour scan at 200 dpi stays below."""

MAX_BATCH_ITEMS = 10_000
"""Results in one batch (contract)."""

MAX_BATCH_BYTES = 20 * 1024**3
"""The documents of one batch together: 10,000 results of 2 MiB."""

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8080"
DEFAULT_POLICY = "vn-2025.2"


class SettingsError(ValueError):
    """A setting is malformed; the message names it and what was expected."""


@dataclass(frozen=True)
class Settings:
    """Every setting of one installation; paths are absolute.

    ``public_url`` has no slash at the end and is what QR codes carry. ``offline`` forbids every outbound call.
    ``proxy_hops`` is the number of own reverse proxies in front, whose ``X-Forwarded-For`` is believed.
    ``verify_workers`` is the number of processes that parse untrusted documents (of each serving process),
    ``verify_wait_s`` how long a request waits for one of them before it is told to come again (503),
    ``verify_memory_bytes`` what each document may take. ``report_key`` (a table in ``antin.toml``, as ``key`` in
    ``agencies.toml``) names the key that seals XML reports; without it they are unsealed.
    ``max_batch_items`` and ``max_batch_bytes`` limit one batch of seals.
    ``production`` refuses keys in files (PKCS#12). ``tsa_urls`` are time stamp
    authorities without quotas; ``tsa`` are tables ``[[tsa]]`` in ``antin.toml`` with ``url`` and any of ``per_hour``,
    ``per_day`` (requests) and ``policy`` (the object identifier that its stamps must name).
    """

    home: Path
    database_url: str
    public_url: str = DEFAULT_PUBLIC_URL
    secret_file: Path = Path()
    max_upload_bytes: int = MAX_UPLOAD_BYTES
    tsa_urls: tuple[str, ...] = ()
    policy_id: str = DEFAULT_POLICY
    offline: bool = False
    proxy_hops: int = 0
    verify_workers: int = 1
    verify_wait_s: int = 60
    verify_memory_bytes: int = 1024 * 1024 * 1024
    report_key: Mapping[str, Any] | None = None
    max_batch_items: int = MAX_BATCH_ITEMS
    max_batch_bytes: int = MAX_BATCH_BYTES
    production: bool = False
    tsa: tuple[Mapping[str, Any], ...] = ()

    @property
    def tsa_addresses(self) -> tuple[str, ...]:
        """Every configured time stamp authority, those with quotas first."""
        return (*(str(one["url"]) for one in self.tsa), *self.tsa_urls)

    @property
    def documents_dir(self) -> Path:
        """Where documents lie, addressed by SHA-256."""
        return self.home / "documents"

    @property
    def evidence_dir(self) -> Path:
        """Where certificates, CRLs and OCSP answers used by verdicts lie, addressed by SHA-256."""
        return self.home / "evidence"

    @property
    def trust_dir(self) -> Path:
        """The pinned certificates (``antin trust import``)."""
        return self.home / "trust"

    @property
    def refresh_path(self) -> Path:
        """What ``antin trust refresh`` saw last."""
        return self.home / "refresh.json"

    @property
    def catalogue_path(self) -> Path:
        """The operator's additions to the catalogue of authorities; need not exist."""
        return self.home / "catalogue.toml"

    @property
    def agencies_path(self) -> Path:
        """Who signs and seals with which keys; absent in a verify-only deployment."""
        return self.home / "agencies.toml"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings of the installation that the environment names.

        Raises:
            SettingsError: a value cannot be read as what it must be.
        """
        home = Path(environ.get("ANTIN_HOME") or Path.home() / ".local/share/antin").expanduser().absolute()
        values = {**_read_file(home / "antin.toml"), **_read_environment(environ)}
        unknown = sorted(values.keys() - _READERS.keys())
        if unknown:
            raise SettingsError(f"unknown setting {', '.join(unknown)} (known: {', '.join(sorted(_READERS))})")
        read = {name: _READERS[name](name, value) for name, value in values.items()}
        read.setdefault("database_url", f"sqlite:///{home / 'antin.sqlite3'}")
        read.setdefault("secret_file", home / "secret")
        return cls(home=home, **read)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {f"ANTIN_{name.upper()}": name for name in _READERS}
    return {names[key]: value for key, value in environ.items() if key in names and value != ""}


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{name}: expected text, got {value!r}")
    return value


def _address(name: str, value: Any) -> str:
    address = _text(name, value).rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise SettingsError(f"{name}: expected an http(s) address, got {address!r}")
    return address


def _number(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{name}: expected a whole number, got {value!r}") from None
    if number <= 0:
        raise SettingsError(f"{name}: expected a number above 0, got {number}")
    return number


def _count(name: str, value: Any) -> int:
    return 0 if value in (0, "0") else _number(name, value)


def _switch(name: str, value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return words[str(value).lower()]
    except KeyError:
        raise SettingsError(f"{name}: expected true or false, got {value!r}") from None


def _path(name: str, value: Any) -> Path:
    return Path(_text(name, value)).expanduser().absolute()


def _addresses(name: str, value: Any) -> tuple[str, ...]:
    parts = value.split() if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise SettingsError(f"{name}: expected addresses, got {value!r}")
    return tuple(_address(name, part) for part in parts)


def _table(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{name}: expected a table in antin.toml, got {value!r}")
    return value


def _authorities(name: str, value: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise SettingsError(f"{name}: expected tables [[{name}]] in antin.toml, got {value!r}")
    return tuple(_authority(name, one) for one in value)


def _authority(name: str, table: dict[str, Any]) -> Mapping[str, Any]:
    readers = {"url": _address, "per_hour": _number, "per_day": _number, "policy": _identifier}
    unknown = sorted(table.keys() - readers.keys())
    if unknown or "url" not in table:
        raise SettingsError(f"{name}: {'unknown ' + ', '.join(unknown) if unknown else 'url is missing'}")
    return {key: readers[key](f"{name}.{key}", value) for key, value in table.items()}


def _identifier(name: str, value: Any) -> str:
    text = _text(name, value)
    if not re.fullmatch(r"[0-2](\.(0|[1-9][0-9]*))+", text):
        raise SettingsError(f"{name}: expected an object identifier such as 1.2.3, got {text!r}")
    return text


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "database_url": _text,
    "public_url": _address,
    "secret_file": _path,
    "max_upload_bytes": _number,
    "tsa_urls": _addresses,
    "policy_id": _text,
    "offline": _switch,
    "proxy_hops": _count,
    "verify_workers": _number,
    "verify_wait_s": _number,
    "verify_memory_bytes": _number,
    "report_key": _table,
    "max_batch_items": _number,
    "max_batch_bytes": _number,
    "production": _switch,
    "tsa": _authorities,
}
