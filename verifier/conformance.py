"""Is a signature made as the list of TT 15/2025/TT-BKHCN has it: told beside its validity, never part of it. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from verifier.report import MadeWith, SignatureFacts, SignatureKind, SignatureLevel

REASONS = (
    "CONFORMANCE-ALGORITHM",
    "CONFORMANCE-RSA-SCHEME",
    "CONFORMANCE-KEY-SIZE",
    "CONFORMANCE-DIGEST",
    "CONFORMANCE-FORMAT",
    "CONFORMANCE-UNKNOWN",
)
"""Every reason that may be given; their sentences stand in ``api/i18n``."""


@dataclass(frozen=True)
class ConformanceList:
    """What an instrument lists: schemes with the least bits of their keys, digests, beginnings of levels' names."""

    instrument: str
    schemes: dict[str, int]
    schemes_of_the_standard: dict[str, int]
    digests: frozenset[str]
    formats: tuple[str, ...]


@dataclass(frozen=True)
class Conformance:
    """``conforms`` is None where the algorithms could not be read; ``reasons`` are codes, in the list's order."""

    instrument: str
    conforms: bool | None
    reasons: tuple[str, ...] = ()


def conformance(facts: SignatureFacts) -> Conformance:
    """1 scheme and size of the key (mục 1.2) · 2 digests (mục 1.3) · 3 format of a signature (a stamp has its own)."""
    listed, made = conformance_list(), facts.made_with
    if made.scheme is None:
        return Conformance(listed.instrument, None, ("CONFORMANCE-UNKNOWN",))
    reasons = [*_scheme(listed, made), *_digests(listed, made)]
    if facts.kind is SignatureKind.SIGNATURE and not _is_listed_format(listed, facts.level):
        reasons.append("CONFORMANCE-FORMAT")
    return Conformance(listed.instrument, not reasons, tuple(reasons))


def _scheme(listed: ConformanceList, made: MadeWith) -> list[str]:
    scheme = made.scheme or ""
    least = {**listed.schemes, **listed.schemes_of_the_standard}.get(scheme)
    if least is None:
        return ["CONFORMANCE-ALGORITHM"]
    reasons = ["CONFORMANCE-RSA-SCHEME"] if scheme in listed.schemes_of_the_standard else []
    return [*reasons, "CONFORMANCE-KEY-SIZE"] if made.key_bits is not None and made.key_bits < least else reasons


def _digests(listed: ConformanceList, made: MadeWith) -> list[str]:
    return [] if set(made.digests) <= listed.digests else ["CONFORMANCE-DIGEST"]


def _is_listed_format(listed: ConformanceList, level: SignatureLevel | None) -> bool:
    return level is not None and level.value.startswith(listed.formats)


@cache
def conformance_list() -> ConformanceList:
    """The list in force, from ``conformance.toml``."""
    values = tomllib.loads((resources.files("verifier") / "conformance.toml").read_text(encoding="utf-8"))
    return ConformanceList(
        values["instrument"],
        values["schemes"],
        values["schemes_of_the_standard"],
        frozenset(values["digests"]["listed"]),
        tuple(values["formats"]["listed"]),
    )
