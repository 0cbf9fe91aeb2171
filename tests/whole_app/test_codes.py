"""Every code that the code base can say has a Vietnamese and an English sentence.

Codes are collected from the sources, not from a list: a new finding without words fails here on the day it is written.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.actions.check_result import NotChecked, ResultState
from api.dossiers.profiles import OutcomeCode
from api.errors import Kind
from api.i18n.texts import load_texts
from api.refused import RefusalKind
from signer.refusal import RefusalCode
from verifier.report import Conclusion, Indication, SignatureLevel, SubIndication

ROOT = Path(__file__).parents[2]
PACKAGES = ("certs", "verifier", "signer", "api")

_CODE = re.compile(r"[A-Z][A-Z0-9]+(-[A-Z0-9]+)+")

_VALUES = {member.value for kind in (Conclusion, Indication, SignatureLevel, SubIndication) for member in kind}
"""Written like codes, but values of the report that have their own names on the pages."""

_RECORD_ONLY = {"GAVE-UP", "DOCUMENT-MISSING"}
"""Stand in the record of acts, which operators read as data; nobody is shown a sentence for them."""

_TECHNICAL = re.compile(
    r"YYYY-MM-DD|(SHA|AES|RSA|ECDSA|UTF|ISO|RFC|EN|X)-?\d*(-[A-Z0-9]+)*|P-\d+|B-(B|T|LT|LTA)|PKCS7-(B|T|LT|LTA)"
)
"""Names of algorithms, character sets and levels."""


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name == "examples.py":  # made-up values for the description
                continue
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _docstrings(tree: ast.Module) -> set[int]:
    """Identities of the constants that are prose about the code: docstrings, also those under an assignment."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _written_codes() -> dict[str, str]:
    """Every constant that looks like a code, and the first argument of every ``Finding(…)``; with where it stands."""
    found: dict[str, str] = {}
    for path, tree in _sources():
        prose = _docstrings(tree)
        for node in ast.walk(tree):
            for constant in _candidates(node):
                if id(constant) not in prose:
                    found.setdefault(str(constant.value), f"{path.relative_to(ROOT)}:{constant.lineno}")
    return found


def _candidates(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
        yield node
    if isinstance(node, ast.Call) and _called(node) == "Finding" and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and "SubIndication." in ast.unparse(node.elts[0]):
        second = node.elts[1]  # a reason of verifier/conclude.py
        if isinstance(second, ast.Constant) and isinstance(second.value, str):
            yield second


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def test_codes_are_found_at_all() -> None:
    codes = _written_codes()
    assert {"REVOCATION-NOT-CHECKED", "INTEGRITY-BROKEN", "SUPPLEMENT-CHANGED", "REVOKED"} <= set(codes)
    assert len(codes) > 60


def test_every_code_in_the_sources_has_both_texts() -> None:
    texts = load_texts()
    silent = {
        code: where
        for code, where in _written_codes().items()
        if not ({code, f"HEADLINE-{code}"} & texts.codes())
        and code not in _VALUES | _RECORD_ONLY
        and not _TECHNICAL.fullmatch(code)
    }
    assert silent == {}


@pytest.mark.parametrize(
    "codes",
    [
        pytest.param([code.value for code in OutcomeCode], id="outcomes"),
        pytest.param([code.value for code in RefusalCode], id="refusals of a seal"),
        pytest.param([f"problem.{kind.value}.title" for kind in Kind], id="problems"),
        pytest.param([f"problem.{kind.value}.detail" for kind in RefusalKind], id="refusals of an action"),
        pytest.param([f"page.result.{state.value}.title" for state in ResultState], id="public answers"),
        pytest.param([f"not-checked.{part.value}" for part in NotChecked], id="what was not checked"),
    ],
)
def test_every_member_of_a_vocabulary_has_both_texts(codes: list[str]) -> None:
    texts = load_texts()
    assert [code for code in codes if code not in texts] == []


def test_both_languages_name_the_same_values() -> None:
    """A placeholder that only one language has is a value that one reader does not get."""
    texts = load_texts()

    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    unequal = []
    for code in sorted(texts.codes()):
        sentence = texts._sentences[code]
        vietnamese, english = names(sentence.vi), names(sentence.en)
        if {name.removesuffix("_vi") for name in vietnamese} != {name.removesuffix("_en") for name in english}:
            unequal.append(code)
    assert unequal == []


def test_no_text_is_empty() -> None:
    texts = load_texts()
    empty = [code for code in texts.codes() if not all(text.strip() for text in texts.both(code))]
    assert empty == []


def test_reasons_of_a_refused_value_have_both_texts() -> None:
    """``reason=`` of an INVALID_REQUEST is a code of its own (``reason.…``)."""
    texts = load_texts()
    silent = []
    for path, tree in _sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _called(node) not in ("Refused", "RequestError"):
                continue
            for keyword in node.keywords:
                value = str(keyword.value.value) if isinstance(keyword.value, ast.Constant) else None
                if keyword.arg == "reason" and value is not None and f"reason.{value}" not in texts:
                    silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {value}")
    assert silent == []
