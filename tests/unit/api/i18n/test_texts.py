"""Sentences by code: Vietnamese first, both languages always, values filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.i18n.texts import Language, load_texts, negotiate_language
from verifier.report import Finding, Severity


def _write(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    return directory


def test_values_are_filled_in_and_a_missing_one_does_not_fail(tmp_path: Path) -> None:
    texts = load_texts(_write(tmp_path, a='[HELLO]\nvi = "Chào {name} {title}"\nen = "Hello {name}"'))
    assert texts.say("HELLO", name="Hoà") == "Chào Hoà …"
    assert texts.both("HELLO", name="{x}") == ("Chào {x} …", "Hello {x}")
    finding = Finding("HELLO", Severity.INFO, (("name", "Hoà"),))
    assert texts.finding(finding, Language.EN) == "Hello Hoà"


def test_a_retired_code_of_an_old_report_is_shown_as_itself(tmp_path: Path) -> None:
    assert load_texts(_write(tmp_path, a="")).say("RETIRED-CODE") == "RETIRED-CODE"


@pytest.mark.parametrize(
    "files",
    [
        {"a": '[X]\nvi = "một"'},
        {"a": '[X]\nvi = "một"\nen = "one"\nfr = "un"'},
        {"a": '[X]\nvi = "một"\nen = "one"', "b": '[X]\nvi = "hai"\nen = "two"'},
    ],
)
def test_a_code_needs_both_languages_in_one_place(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="X"):
        load_texts(_write(tmp_path, **files))


def test_tables_may_be_nested(tmp_path: Path) -> None:
    texts = load_texts(_write(tmp_path, a='[problem.not-found.title]\nvi = "Không"\nen = "No"'))
    assert texts.say("problem.not-found.title", "en") == "No"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("vi,en;q=0.9", "vi"),
        ("fr,de;q=0.9", "vi"),
        ("fr, en;q=0.3", "en"),
        ("en;q=0", "vi"),
        ("en;q=nonsense", "vi"),
        ("EN-us", "en"),
    ],
)
def test_the_language_that_the_reader_prefers(header: str | None, language: str) -> None:
    assert negotiate_language(header) == language


def test_every_shipped_catalogue_loads() -> None:
    assert load_texts().codes()
