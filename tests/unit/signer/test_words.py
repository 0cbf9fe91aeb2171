"""Fonts, words and refusals: every letter prints, every refusal is said in both languages with its values."""

from __future__ import annotations

import pickle
import re
import string
import tomllib
from pathlib import Path

import pytest

import api
import signer
from api.actions.upkeep import GAINS_NOTHING
from signer.fonts import REPERTOIRE, FontFiles, clean, load_typeface
from signer.refusal import RefusalCode, SealRefused

TEXTS = Path(signer.__file__).parent.parent / "api" / "i18n" / "refusals.toml"
VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY" + "".join(
    clean(letter + tone) for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for tone in "\u0300\u0301\u0303\u0309\u0323"
)


def test_every_vietnamese_letter_prints() -> None:
    assert len(VIETNAMESE) == 58 + 24 * 5
    assert set(VIETNAMESE) <= set(REPERTOIRE)
    files = FontFiles.installed()
    for path in (files.regular, files.bold):
        face = load_typeface(path, VIETNAMESE)
        assert all(face.glyphs[letter] != 0 and face.widths[letter] > 0 for letter in VIETNAMESE)
        # Different letters are different glyphs: nothing falls back to a plain letter without its marks.
        assert len({face.glyphs[letter] for letter in VIETNAMESE}) == len(VIETNAMESE)


def test_letters_beyond_the_repertoire_are_added() -> None:
    face = load_typeface(FontFiles.installed().regular, "Łódź")
    assert face.glyphs["Ł"] != 0
    assert face is not load_typeface(FontFiles.installed().regular, "Lodz")


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("Nguyê\u0303n  Va\u0306n\tAn\n", "Nguyễn Văn An"),
        ("a\u200bb\u202ec\x00d", "abcd"),  # nothing invisible, nothing that turns the text around
    ],
)
def test_texts_are_cleaned(given: str, printed: str) -> None:
    assert clean(given) == printed


def test_every_refusal_is_said_in_both_languages() -> None:
    said = tomllib.loads(TEXTS.read_text("utf-8"))
    assert set(said) == {code.value for code in RefusalCode} | {GAINS_NOTHING}
    for code, texts in said.items():
        assert set(texts) == {"vi", "en"}, code
        names = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in texts.values()]
        assert names[0] == names[1], code


def test_every_refusal_gives_the_values_that_its_sentence_needs() -> None:
    """Each place that raises a code names the sentence's placeholders (read from the source)."""
    said = tomllib.loads(TEXTS.read_text("utf-8"))
    sources = (*Path(signer.__file__).parent.rglob("*.py"), *Path(api.__file__).parent.glob("*.py"))
    source = "\n".join(path.read_text("utf-8") for path in sources)
    for code in RefusalCode:
        assert f"RefusalCode.{code.name}" in source, f"{code} is never used"
        fields = {field for _, field, _, _ in string.Formatter().parse(said[code]["vi"]) if field}
        for field in fields:
            assert re.search(rf'\(\s*"{field}",', source), f"{code}: nobody gives {field}"


def test_a_refusal_crosses_processes() -> None:
    refused = SealRefused(RefusalCode.NO_FREE_SPACE, (("width_mm", "64"),))
    again = pickle.loads(pickle.dumps(refused))
    assert (again.code, again.parameters, str(again)) == (refused.code, refused.parameters, str(refused))
