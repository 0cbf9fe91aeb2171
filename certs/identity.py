"""Whom a certificate names: person, organisation, CCCD, MST, e-mail; NFC-normalised, as plain text.

Real profiles: a person's ``UID`` is ``CCCD:`` and 12 digits, a company's ``MST:`` and 10 digits (a branch adds
``-NNN``, sometimes without the dash) or 12; older ones say ``CMND:``, ``HC:``, ``BHXH:``, ``MNS:``; some put ``MST:``
into ``O``; official leaves have none. Employees have the company's ``MST:`` in ``O`` or ``serialNumber``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from certs.certificate import MALFORMED, Certificate

_LABELLED = re.compile(r"^\s*(CCCD|CMND|MST|HC|BHXH|MNS)\s*[:\-]\s*(\S.*?)\s*$", re.IGNORECASE)
_CCCD = re.compile(r"^[0-9]{12}$")
_MST = re.compile(r"^([0-9]{10}(-?[0-9]{3})?|[0-9]{12})$")
_CODE = re.compile(r"^[A-Z]{1,3}[0-9]{1,4}$")
_PERSONAL = frozenset({"cccd", "cmnd", "hc", "bhxh"})
_WORDS = "organizations.toml"
_LABELLED_ATTRIBUTES = ("user_id", "serial_number", "organization_name", "organization_identifier")


@dataclass(frozen=True)
class Identity:
    """Who a certificate says its holder is. ``other`` holds labelled numbers of other kinds, by lower-case label.

    Absent or malformed values are None; a malformed CCCD or MST stands in ``other`` under its label. ``organization``
    is of a person also one that is named by its number alone (``MST:…`` in ``O``). ``units`` are the
    organisational units (``OU``) in the order of the certificate. ``mst_of_organization``: the tax number is that of
    an organisation to which the holder belongs.
    """

    name: str
    organization: str | None
    cccd: str | None
    mst: str | None
    email: str | None
    title: str | None
    issuer: str
    other: dict[str, str] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    mst_of_organization: bool = False


def identify(cert: Certificate) -> Identity:
    """Read the identity out of subject, subject alternative name and issuer; never raises on odd encodings."""
    subject = _attributes(cert, "subject")
    numbers = _labelled_numbers(subject)
    cccd = numbers.pop("cccd") if _CCCD.match(numbers.get("cccd", "")) else None
    mst = numbers.pop("mst") if _MST.match(numbers.get("mst", "")) else None
    named = subject.get("organization_name", [])
    organization = next((o for o in named if not _LABELLED.match(o)), named[0] if named and cccd else None)
    issuer = _attributes(cert, "issuer")
    name = _named(subject)
    belongs = mst is not None and not _is_own(subject, numbers, cccd, name)
    if belongs and organization is None:
        organization = f"MST:{mst}"
    return Identity(
        name=name,
        organization=organization,
        cccd=cccd,
        mst=mst,
        email=_first(subject, "email_address") or _alternative_email(cert),
        title=_first(subject, "title"),
        issuer=_first(issuer, "common_name", "organizational_unit_name", "organization_name") or "",
        other=numbers,
        units=tuple(u for u in subject.get("organizational_unit_name", []) if not _LABELLED.match(u)),
        mst_of_organization=belongs,
    )


def _named(subject: dict[str, list[str]]) -> str:
    """The common name; where that is an agency's code (C07), the organisation's name with the code behind it."""
    name = _first(subject, "common_name", "organization_name", "email_address") or ""
    organization = next((one for one in subject.get("organization_name", []) if not _LABELLED.match(one)), None)
    return f"{organization} ({name})" if organization and _CODE.match(name) else name


def _is_own(subject: dict[str, list[str]], numbers: dict[str, str], cccd: str | None, name: str) -> bool:
    """Is the tax number the holder's own: it stands where holders are numbered (``UID``), or an organisation is named.

    In ``O``, ``serialNumber`` or ``organizationIdentifier`` of a person's certificate it is the employer's.
    """
    if any(match[1].lower() == "mst" for value in subject.get("user_id", []) if (match := _LABELLED.match(value))):
        return True
    if cccd is not None or _PERSONAL & set(numbers):
        return False
    folded = _folded(name)
    named = {_folded(one) for one in subject.get("organization_name", [])}
    words, plain = _organizations()
    return folded in named or _begins(name.casefold(), words) or _begins(folded, plain)


def _begins(name: str, words: tuple[str, ...]) -> bool:
    return any(name == word or name.startswith(f"{word} ") for word in words)


@cache
def _organizations() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Beginnings of organisations' names, with accents, and of those written without."""
    table = tomllib.loads(resources.files("certs").joinpath(_WORDS).read_text("utf-8"))
    return tuple(unicodedata.normalize("NFC", word) for word in table["words"]), tuple(table["plain"])


def _folded(text: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


def plain_text(value: str) -> str:
    """NFC, blanks collapsed, control and invisible formatting characters removed (they could reorder what is shown)."""
    kept = "".join(c for c in unicodedata.normalize("NFC", value) if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())


def _attributes(cert: Certificate, which: str) -> dict[str, list[str]]:
    """Attribute texts by asn1crypto's name, in the order of the certificate."""
    found: dict[str, list[str]] = {}
    try:
        for rdn in (cert.subject if which == "subject" else cert.issuer).chosen:
            for attribute in rdn:
                value = _text(attribute["value"])
                if value:
                    found.setdefault(str(attribute["type"].native), []).append(value)
    except MALFORMED:
        return found
    return found


def _text(value: object) -> str:
    try:
        native = value.native  # type: ignore[attr-defined]  # asn1crypto value
    except MALFORMED:
        return ""
    return plain_text(native) if isinstance(native, str) else ""


def _labelled_numbers(subject: dict[str, list[str]]) -> dict[str, str]:
    """Numbers by lower-case label, the first attribute that has one deciding; two in it that differ identify nobody."""
    numbers: dict[str, str] = {}
    for attribute in _LABELLED_ATTRIBUTES:
        found: dict[str, dict[str, None]] = {}
        for value in subject.get(attribute, []):
            if match := _LABELLED.match(value):
                found.setdefault(match[1].lower(), {})[match[2].replace(" ", "")] = None
        for label, values in found.items():
            numbers.setdefault(label, " / ".join(values))
    return numbers


def _first(attributes: dict[str, list[str]], *names: str) -> str | None:
    return next((attributes[name][0] for name in names if attributes.get(name)), None)


def _alternative_email(cert: Certificate) -> str | None:
    try:
        names = cert.subject_alt_name_value or ()
        return next((plain_text(name.native) for name in names if name.name == "rfc822_name"), None)
    except MALFORMED:
        return None
