"""Whether two names are one: an agency's, an organisation's, a person's as the page prints it.

Names are compared with their diacritics, for without them Vũ is Vụ and Trương is Trường: NFC, without case, punctuation
and spaces, a tone on whichever vowel of its syllable (UỶ, ỦY), the listed abbreviations (UBND) in full.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from pathlib import Path

from verifier.report import CODE_NAME, Signer

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_PERSONAL = frozenset({"cmnd", "hc"})
"""Labels of numbers that persons have and agencies do not."""
Words = tuple[str, ...]


def name_words(text: str | None) -> Words:
    """A name as words that can be compared."""
    plain = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", text or "").casefold()).split()
    listed = _listed()[0]
    return tuple(word for one in plain for word in listed.get(one, (_toned(one),)))


def same_person(name: str, printed: str) -> bool:
    """Whether a printed name is this person's; a listed rank or degree may stand before it."""
    mine, there = name_words(name), name_words(printed)
    ranks = len(there) - len(mine)
    if len(mine) < 2 or ranks < 0 or there[ranks:] != mine:
        return False
    return all(word in _listed()[1] for word in there[:ranks])


def is_person(signer: Signer) -> bool:
    """Whether a certificate holds a number that only persons have."""
    return signer.cccd is not None or any(label in _PERSONAL for label, _ in signer.numbers)


def is_agency(signer: Signer) -> bool:
    """Whether a certificate is an agency's own and no person's."""
    if is_person(signer):
        return False
    words = name_words(signer.name)
    own = {name_words(name) for name in (signer.organization, *signer.units) if name}
    begins = any(words[: len(phrase)] == phrase for phrase in _listed()[2])
    return words in own or begins or CODE_NAME.match(signer.name) is not None


def is_publisher(signer: Signer) -> bool:
    """Whether a certificate is of who publishes what others have signed: the Government's portal, the gazette."""
    words = name_words(signer.name)
    return any(words[: len(phrase)] == phrase for phrase in _listed()[3])


def same_body(one: Signer, other: Signer) -> bool:
    """Whether two certificates are of one organisation: equal MST or O, or the one is the other's own agency."""
    if one.mst is not None and one.mst == other.mst:
        return True
    first, second = name_words(one.organization), name_words(other.organization)
    return (bool(first) and first == second) or _is_agency_of(one, other) or _is_agency_of(other, one)


def _is_agency_of(agency: Signer, member: Signer) -> bool:
    """Whether an agency's CN is the O or an OU of another certificate, whose O it does not contradict.

    A department is called like those of other provinces: where it is an OU alone, its own O must not name another one.
    """
    called = name_words(agency.name)
    if not called or not is_agency(agency):
        return False
    organization, units = name_words(member.organization), {name_words(unit) for unit in member.units}
    if called == organization:
        return True
    above = name_words(agency.organization)
    return called in units and (not above or not organization or above == called or above in units)


def _toned(word: str) -> str:
    """A syllable with its tone at its end."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(c for c in parts if c not in _TONES) + "".join(sorted(c for c in parts if c in _TONES))


@functools.cache
def _listed() -> tuple[dict[str, Words], frozenset[str], frozenset[Words], frozenset[Words]]:
    """Abbreviations in full, ranks and degrees, how names of agencies begin, and those of publishers."""
    listed = tomllib.loads(Path(__file__).with_name("bodies.toml").read_text(encoding="utf-8"))
    full = {short: tuple(map(_toned, text.split())) for short, text in listed["abbreviations"].items()}

    def phrases(kind: str) -> frozenset[Words]:
        parts = [text.split() for text in listed[kind]]
        return frozenset(tuple(word for one in text for word in full.get(one, (_toned(one),))) for text in parts)

    return full, frozenset(map(_toned, listed["ranks"])), phrases("agencies"), phrases("publishers")
