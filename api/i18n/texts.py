"""Every sentence a person reads, by stable code, in Vietnamese and English.

The catalogues are the TOML files beside this module; ``[CODE]`` holds ``vi`` and ``en``, tables may be nested
(``[problem.not-found.title]`` is the code ``problem.not-found.title``). Placeholders are ``{name}``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from verifier.report import About, Finding


class Language(StrEnum):
    """The languages the service speaks; Vietnamese comes first and is the default."""

    VI = "vi"
    EN = "en"


_DURATION = re.compile(r"(\d+) (d|h|min)\b")


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; every code has both (whole-app test)."""

    vi: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in ``language``; anything that is not English is answered in Vietnamese."""
        return self.en if language == Language.EN else self.vi


class _Parameters(dict[str, str]):
    """A stored finding may lack a value that today's sentence names: show an ellipsis, never fail the page."""

    def __missing__(self, key: str) -> str:
        return "…"


class Texts:
    """All sentences of the service. Built once (``load_texts``); read only."""

    def __init__(self, sentences: Mapping[str, Text]) -> None:
        self._sentences = dict(sentences)

    def __contains__(self, code: object) -> bool:
        return code in self._sentences

    def codes(self) -> frozenset[str]:
        """Every code that has a sentence."""
        return frozenset(self._sentences)

    def say(self, code: str, language: str = Language.VI, /, **parameters: object) -> str:
        """The sentence of ``code`` with its placeholders filled.

        A code without a sentence is shown as itself: a report stored years ago may carry a code that was since
        retired, and must stay readable. Codes of today's code base are proven to have both texts by a test.
        """
        sentence = self._sentences.get(code)
        if sentence is None:
            return code
        values = _Parameters({name: str(value) for name, value in parameters.items()})
        return sentence.in_language(language).format_map(values)

    def both(self, code: str, /, **parameters: object) -> tuple[str, str]:
        """(Vietnamese, English) of one code."""
        return self.say(code, Language.VI, **parameters), self.say(code, Language.EN, **parameters)

    def finding(self, finding: Finding, language: str = Language.VI) -> str:
        """The sentence of a finding; one about a time stamp says so, lest it be taken for a word about the signer."""
        values = self._spoken(dict(finding.parameters), language)
        sentence = self.say(finding.code, language, **values)
        if finding.about is None or finding.about is About.SIGNER:
            return sentence
        own = f"about.{finding.about.value}.{finding.code}"
        if own in self:
            return self.say(own, language, **values)
        return self.say(f"about.{finding.about.value}.prefix", language, sentence=sentence)

    def _spoken(self, values: dict[str, str], language: str) -> dict[str, str]:
        """A duration (``2 d 3 h 05 min``) in the reader's words; everything else as it is."""
        apart = values.get("apart")
        if apart is None:
            return values

        def said(match: re.Match[str]) -> str:
            return self.say(f"unit.{match[2]}", language, count=int(match[1]))

        return {**values, "apart": _DURATION.sub(said, apart)}


def negotiate_language(accept_language: str | None) -> Language:
    """What an ``Accept-Language`` header asks for (RFC 9110 §12.5.4); Vietnamese unless English is preferred."""
    best, weight = Language.VI, 0.0
    for part in (accept_language or "").split(","):
        tag, _, attributes = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = _quality(attributes)
        if primary in ("vi", "en") and quality > weight:
            best, weight = Language(primary), quality
    return best


def _quality(attributes: str) -> float:
    name, _, value = attributes.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


@cache
def load_texts(directory: Path | None = None) -> Texts:
    """Read every catalogue.

    Raises:
        ValueError: a code lacks a language or stands in two catalogues.
        TypeError: a catalogue holds something that is not a text.
    """
    sentences: dict[str, Text] = {}
    for path in sorted((directory or Path(__file__).parent).glob("*.toml")):
        with path.open("rb") as stream:
            _collect(tomllib.load(stream), "", path.name, sentences)
    return Texts(sentences)


def _collect(table: Mapping[str, Any], prefix: str, origin: str, into: dict[str, Text]) -> None:
    if isinstance(table.get("vi"), str) or isinstance(table.get("en"), str):
        if set(table) != {"vi", "en"}:
            raise ValueError(f"{origin}: {prefix} needs exactly vi and en")
        if prefix in into:
            raise ValueError(f"{origin}: {prefix} already has a text in another catalogue")
        into[prefix] = Text(table["vi"], table["en"])
        return
    for key, value in table.items():
        if not isinstance(value, dict):
            raise TypeError(f"{origin}: {prefix or key} is not a text")
        _collect(value, f"{prefix}.{key}" if prefix else key, origin, into)
