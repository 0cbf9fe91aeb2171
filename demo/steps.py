"""What a step of the demo is, and what it saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Outcome:
    """What a step saw: each check with the words for it and whether it held."""

    checks: tuple[tuple[str, bool], ...]

    @property
    def as_expected(self) -> bool:
        """Did every check hold."""
        return all(held for _, held in self.checks)


@dataclass(frozen=True)
class Step:
    """One step in two languages, and the function that runs it."""

    title_vi: str
    title_en: str
    run: Callable[[], Outcome]


def refused(answer: httpx.Response) -> Outcome:
    """A step whose request was refused, with the service's own words."""
    is_json = "json" in answer.headers.get("content-type", "")
    words = answer.json().get("text_vi", answer.text) if is_json else answer.text
    return Outcome(((f"HTTP {answer.status_code}: {words}", False),))
