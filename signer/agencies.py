"""The agencies that seal, who may sign for them, and where their keys are: read from one TOML file.

::

    [agency.so-tnmt]
    name = "Sở Tài nguyên và Môi trường tỉnh Lai Châu"
    code = "H35.16"
    seal_picture = "so-tnmt.png"      # optional: red, transparent PNG
    diameter_mm = 36.0                # optional: real size of the seal
    release_within_hours = 24         # optional: each seal is released by a second person, within this time
    placement = { corner = "bottom-right" }   # optional: see signer.profile
    stamps_may_follow = true          # optional: without time stamps seal at B-B at once, raise later
    certifies_first = true            # optional: the first signature certifies with DocMDP P = 2, as the state's tool's
    [agency.so-tnmt.seal_key]
    kind = "pkcs11"
    module = "/usr/lib/softhsm/libsofthsm2.so"
    token = "antin-demo"
    label = "so-tnmt"
    pin_env = "ANTIN_PIN"             # or pin_file = "…"
    [[agency.so-tnmt.signatory]]
    id = "giam-doc"
    name = "Nguyễn Văn An"
    title = "Giám đốc"
    signature_picture = "giam-doc.png"   # optional: blue, transparent PNG
    key = { kind = "pkcs12", path = "giam-doc.p12", passphrase_file = "giam-doc.pass" }

The series in which an agency numbers its letters are described in ``signer/series.py``.
What a key's table may hold (kinds of key, quotas, hours) is in ``signer/key_settings.py``. Relative paths start at the
file's folder.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from signer.key_rules import KeyRules
from signer.key_settings import key_reference, key_rules
from signer.keyring import ElsewhereKeyReference, KeyReference, KeyRing
from signer.profile import NO_WISHES, PlacementProfile, placement_profile
from signer.request import Appearance, Role, SignStep
from signer.series import Series, series_of

DEFAULT_DIAMETER_MM = 36.0
"""What provincial departments commonly use; the real size of each seal is the agency's to state."""

DIAMETER_RANGE_MM = (15.0, 60.0)
"""Seals of agencies are some 28 to 42 mm across."""

MAX_RELEASE_HOURS = 30 * 24

AGENCY_FIELD = "AnTin-CoQuan"
PERSON_FIELD = "AnTin-NguoiKy"


class AgenciesError(ValueError):
    """The file is malformed; the message names the agency and what is wrong there."""


@dataclass(frozen=True)
class Signatory:
    """A person authorised to sign for an agency."""

    id: str
    name: str
    title: str | None
    key: KeyReference
    rules: KeyRules
    signature_picture: Path | None = None

    @property
    def signs_here(self) -> bool:
        """Can this service use the person's key; else the person signs first, in a session of two steps."""
        return not isinstance(self.key, ElsewhereKeyReference)


@dataclass(frozen=True)
class Agency:
    """An agency with its seal and its authorised persons."""

    id: str
    name: str
    code: str
    seal_key: KeyReference
    seal_rules: KeyRules
    signatories: tuple[Signatory, ...]
    seal_picture: Path | None = None
    diameter_mm: float = DEFAULT_DIAMETER_MM
    placement: PlacementProfile = NO_WISHES
    stamps_may_follow: bool = False
    certifies_first: bool = False
    release_within: timedelta | None = None
    series: tuple[Series, ...] = ()

    def signatory(self, signatory_id: str | None = None) -> Signatory:
        """A signatory by id; without an id the first one listed.

        Raises:
            KeyError: there is no such person.
        """
        for signatory in self.signatories:
            if signatory_id in (None, signatory.id):
                return signatory
        raise KeyError(signatory_id)

    def steps(self, keys: KeyRing, signatory_id: str | None = None) -> tuple[SignStep, ...]:
        """The two signatures of a result: the authorised person's, then the agency's (NĐ 30/2020 Đ.32.2.d).

        The agency's alone where the person's key is elsewhere: the person has signed before.

        Raises:
            KeyError: there is no such person. KeyUnavailable: a key cannot be opened.
            AgenciesError: a picture cannot be read.
        """
        person = self.signatory(signatory_id)
        if not person.signs_here:
            return (self.agency_step(keys),)
        shown = self.person_appearance(signatory_id)
        step = SignStep(keys.open(person.key), Role.AUTHORISED_PERSON, PERSON_FIELD, shown, person.rules)
        return (step, self.agency_step(keys))

    def person_appearance(self, signatory_id: str | None = None) -> Appearance:
        """What a signatory's signature shows; needs no key.

        Raises:
            KeyError: there is no such person. AgenciesError: the picture cannot be read.
        """
        person = self.signatory(signatory_id)
        return Appearance(person.name, person.title, self.name, _picture(person.signature_picture))

    def appearance(self) -> Appearance:
        """What the agency's seal shows; needs no key.

        Raises:
            AgenciesError: the picture cannot be read.
        """
        return Appearance(self.name, None, self.name, _picture(self.seal_picture), self.diameter_mm)

    def agency_step(self, keys: KeyRing) -> SignStep:
        """The agency's own signature alone, for a document that an authorised person has signed before."""
        return SignStep(keys.open(self.seal_key), Role.AGENCY, AGENCY_FIELD, self.appearance(), self.seal_rules)

    def authorised(self, keys: KeyRing, signatory_id: str | None = None) -> frozenset[str]:
        """Hex SHA-256 of the certificates of everybody who may sign for this agency.

        Of one person alone where the key of the named signatory is elsewhere: nobody else's signature is theirs.
        """
        person = self.signatory(signatory_id)
        named = self.signatories if person.signs_here else (person,)
        return frozenset(keys.certificate(one.key).sha256.hex() for one in named)


def load_agencies(path: Path) -> dict[str, Agency]:
    """Read the file.

    Raises:
        AgenciesError: it is missing, not TOML, or an entry lacks something.
    """
    try:
        with path.open("rb") as stream:
            table = tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AgenciesError(f"{path}: {error}") from error
    agencies = {}
    for agency_id, entry in table.get("agency", {}).items():
        try:
            agencies[agency_id] = _agency(agency_id, entry, path.parent)
        except KeyError as error:
            raise AgenciesError(f"{path}: agency {agency_id} lacks {error}") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise AgenciesError(f"{path}: agency {agency_id}: {error}") from error
    _check_rules_agree(path, agencies.values())
    return agencies


def _check_rules_agree(path: Path, agencies: Iterable[Agency]) -> None:
    """One key has one set of rules, wherever it is named: else the laxer one would hold for whoever asks there."""
    seen: dict[str, KeyRules] = {}
    for agency in agencies:
        for rules in (agency.seal_rules, *(person.rules for person in agency.signatories)):
            if seen.setdefault(rules.name, rules) != rules:
                raise AgenciesError(f"{path}: the key {rules.name} is named with different rules")


def _agency(agency_id: str, entry: Mapping[str, Any], folder: Path) -> Agency:
    return Agency(
        id=agency_id,
        name=_text(entry["name"]),
        code=_text(entry["code"]),
        seal_key=_seal_key(entry["seal_key"], folder),
        seal_rules=key_rules(entry["seal_key"], folder),
        signatories=tuple(_signatory(person, folder) for person in entry.get("signatory", ())),
        seal_picture=_path(entry.get("seal_picture"), folder),
        diameter_mm=_diameter(entry.get("diameter_mm", DEFAULT_DIAMETER_MM)),
        release_within=_release_within(entry),
        placement=placement_profile(entry.get("placement", {})),
        stamps_may_follow=_switch(entry, "stamps_may_follow"),
        certifies_first=_switch(entry, "certifies_first"),
        series=series_of(entry.get("series", ())),
    )


def _seal_key(entry: Mapping[str, Any], folder: Path) -> KeyReference:
    if entry["kind"] == "elsewhere":
        raise ValueError("an agency's seal key is one that this service can use")
    return key_reference(entry, folder)


def _switch(entry: Mapping[str, Any], name: str) -> bool:
    value = entry.get(name, False)
    if not isinstance(value, bool):
        raise TypeError(f"{name}: true or false, not {value!r}")
    return value


def _release_within(entry: Mapping[str, Any]) -> timedelta | None:
    """Two people for a seal: within how many hours the second one decides; None where the agency asks for one only."""
    if "release_within_hours" not in entry:
        return None
    hours = entry["release_within_hours"]
    if isinstance(hours, bool) or not isinstance(hours, int) or not 0 < hours <= MAX_RELEASE_HOURS:
        raise ValueError(f"release_within_hours: 1 to {MAX_RELEASE_HOURS}")
    if entry["seal_key"].get("remote_hash_signing", False):
        raise ValueError("a digest shows a second person nothing: remote_hash_signing and release exclude each other")
    return timedelta(hours=hours)


def _signatory(entry: Mapping[str, Any], folder: Path) -> Signatory:
    title = entry.get("title")
    return Signatory(
        id=str(entry["id"]),
        name=_text(entry["name"]),
        title=None if title is None else _text(title),
        key=key_reference(entry["key"], folder),
        rules=key_rules(entry["key"], folder),
        signature_picture=_path(entry.get("signature_picture"), folder),
    )


def _diameter(value: Any) -> float:
    diameter = float(value)
    if not DIAMETER_RANGE_MM[0] <= diameter <= DIAMETER_RANGE_MM[1]:
        raise ValueError(f"diameter_mm: between {DIAMETER_RANGE_MM[0]:g} and {DIAMETER_RANGE_MM[1]:g} mm")
    return diameter


def _path(value: str | None, folder: Path) -> Path | None:
    return None if value is None else folder / value


def _text(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _picture(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise AgenciesError(f"the picture {path} cannot be read: {type(error).__name__}") from None
