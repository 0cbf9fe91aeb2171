"""Texts that explain where later ink may stand: labels, titles, names, the fixed words of signature pictures.

The words themselves are data (``labels.toml``), compared without case, diacritics and punctuation.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from verifier.report import Signer

Words = tuple[str, ...]
MAX_LABEL_CHARS = 120
MAX_NAME_WORDS = 7
_TIME = re.compile(r"[\dT:./+\-,'Zz]*\d[\dT:./+\-,'Zz]*$")
_NAME_WORD = re.compile(r"[^\W\d_]+([.'’-][^\W\d_]+)*\.?$")


def plain_words(text: str) -> tuple[str, ...]:
    """A text without case, diacritics and punctuation, as words."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return tuple(re.sub(r"[\W_]+", " ", letters.casefold()).split())


def is_label(text: str) -> bool:
    """Whether a text is nothing but labels from the list."""
    words = plain_words(text)
    return bool(words) and len(text) <= MAX_LABEL_CHARS and _made_of(words, _phrases("labels"))


def is_title(text: str) -> bool:
    """Whether a line begins a signature block: a form of authority (TM., KT.), or nothing but titles."""
    words = plain_words(text)
    if not words or len(text) > MAX_LABEL_CHARS or any(char.isdigit() for char in text):
        return False
    if (words[0],) in _phrases("authority") and text.strip().isupper():
        return True
    return _made_of(words, _phrases("titles"))


def is_name(text: str) -> bool:
    """Whether a line may be the name of a person: two to seven words in capitals, no number."""
    words = text.split()
    return 2 <= len(words) <= MAX_NAME_WORDS and all(_NAME_WORD.match(word) and word[0].isupper() for word in words)


def is_copy_text(text: str) -> bool:
    """Whether a signature's text is the law's on a copy (NĐ 30/2020 Đ.25): it begins with the form of copy."""
    words = plain_words(text)
    return any(words[: len(phrase)] == phrase for phrase in _phrases("copies"))


def unexplained_words(lines: Sequence[str], signers: Iterable[Signer]) -> list[str]:
    """The lines of a signature's picture that say something else than who signs, when, where and why.

    ``signers`` are those whom the picture may name. A line that goes on (a name in two lines) is explained by the name.
    """
    names: list[tuple[str, ...]] = []
    for signer in signers:
        told = (signer.name, signer.organization, signer.email, signer.cccd, signer.mst, signer.issuer, *signer.units)
        names.extend(plain_words(one) for one in told if one)
    return [line for line in lines if not _explained(line, frozenset(names))]


def _explained(line: str, names: frozenset[tuple[str, ...]]) -> bool:
    words = plain_words(line)
    if not words:
        return True
    if any(words[: len(phrase)] == phrase for phrase in _phrases("leading")):
        return True
    kept = tuple(word for word in words if not _TIME.match(word))
    times_only = len(kept) < len(words) and all(
        _TIME.match(part) for part in line.split() if any(map(str.isdigit, part))
    )
    if not kept:
        return times_only and _is_time(line)
    if len(kept) < len(words) and not (times_only and _is_time(line)):
        return words in names
    return _made_of(kept, _explaining(), names) or any(_within(kept, name) for name in names)


def _is_time(line: str) -> bool:
    """Whether the numbers of a line are a date or a time of day, and not an amount."""
    return re.search(r"\d{1,4}[./:\-]\d{1,2}([./:\-]\d{1,4})?", line) is not None and not re.search(
        r"\d[.,]\d{3}(?!\d)", line
    )


def _within(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return any(name[start : start + len(words)] == words for start in range(len(name) - len(words) + 1))


def _made_of(words: tuple[str, ...], phrases: frozenset[Words], more: frozenset[Words] = frozenset()) -> bool:
    """Whether these words are phrases of the list, or of those besides, one after another."""
    reached = {0}
    longest = max(_longest(phrases), max(map(len, more), default=0))
    for start in range(len(words)):
        if start in reached:
            reached.update(
                start + length
                for length in range(1, min(longest, len(words) - start) + 1)
                if (part := words[start : start + length]) in phrases or part in more
            )
    return len(words) in reached


@functools.cache
def _longest(phrases: frozenset[Words]) -> int:
    return max(map(len, phrases), default=0)


@functools.cache
def _explaining() -> frozenset[Words]:
    """All that a signature's picture may say besides names and times."""
    return _phrases("fixed") | _phrases("labels") | _phrases("titles") | _phrases("copies")


@functools.cache
def _phrases(kind: str) -> frozenset[tuple[str, ...]]:
    listed = tomllib.loads(Path(__file__).with_name("labels.toml").read_text(encoding="utf-8"))
    return frozenset(plain_words(text) for text in listed[kind])
