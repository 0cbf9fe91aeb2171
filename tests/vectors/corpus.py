"""The shared corpus of real and hostile files, and what their origins say must come out.

``$ANTIN_SHARED/corpus/README.md`` explains the keys. An origin can be wrong: ``docs/divergences.md``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from asn1crypto import cms

from certs.anchors import TrustAnchor, TrustStore, make_store
from certs.catalogue import ALL_PURPOSES, Regime
from certs.certificate import Certificate, is_self_signed
from verifier.guard import Failure, UnreadableError, attempt
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    Integrity,
    SignatureKind,
    SignatureVerdict,
    ValidationReport,
)

KEPT_OUT = "01234"
"""First digits of the digests of the third that no rule is tuned on."""
_COVERED = (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)
_UNALARMING = (ChangesAfter.NONE, ChangesAfter.EXTENSION, ChangesAfter.PERMITTED)


@dataclass(frozen=True)
class Vector:
    """One file of the corpus."""

    path: Path
    name: str
    sha256: str
    expect: dict[str, Any]
    password: str | None

    @property
    def kept_out(self) -> bool:
        """Whether this file belongs to the third that is reported apart."""
        return self.sha256[0] in KEPT_OUT

    @property
    def hostile(self) -> bool:
        """Whether this file is an attack, or one that must not be called fine."""
        return "/attacks/" in self.name or self.expect.get("green") is False


def load_vectors(shared: Path) -> list[Vector]:
    """Every file that ``expectations.json`` lists, smallest names first."""
    root = shared / "corpus"
    records = json.loads((root / "expectations.json").read_text(encoding="utf-8"))
    return [
        Vector(root / record["file"], record["file"], record["sha256"], record["expect"], _password(record))
        for record in records
    ]


def _password(record: dict[str, Any]) -> str | None:
    """The password in the origin's note (``try user/owner 123 (…)``), or the note itself."""
    note = record.get("password")
    named = re.match(r"try user/owner (\S+)", note) if note else None
    return named[1] if named else note


def is_green(report: ValidationReport) -> bool:
    """Every signature intact, covering its revision, and nothing alarming after it; trust is left out.

    Document time stamps are left out as in ``count``, where there is a signature: one that was copied into a document
    (DSS's own vectors) proves nothing, and does not break the signature.
    """
    facts = [verdict.facts for verdict in _judged(report)]
    return bool(facts) and all(
        fact.integrity is Integrity.INTACT and fact.coverage in _COVERED and fact.changes_after in _UNALARMING
        for fact in facts
    )


def _judged(report: ValidationReport) -> list[SignatureVerdict]:
    signatures = [v for v in report.verdicts if v.facts.kind is SignatureKind.SIGNATURE]
    return signatures or list(report.verdicts)


def unmet(vector: Vector, report: ValidationReport) -> list[str]:
    """The expectations that the report does not meet, each as one short line."""
    expect, found = vector.expect, []
    signatures = [v for v in report.verdicts if v.facts.kind is SignatureKind.SIGNATURE]
    if "conclusion" in expect and report.conclusion.value != expect["conclusion"]:
        found.append(f"conclusion {report.conclusion.value}, expected {expect['conclusion']}")
    if "green" in expect and is_green(report) != expect["green"]:
        found.append(f"green {is_green(report)}, expected {expect['green']}")
    if expect.get("green") is False and report.conclusion is Conclusion.TOTAL_PASSED:
        found.append("green: TOTAL-PASSED, expected never")
    if "count" in expect and len(signatures) != expect["count"]:
        found.append(f"count {len(signatures)}, expected {expect['count']}")
    if "integrity" in expect:
        values = [verdict.facts.integrity for verdict in _judged(report)]
        whole = values and all(value is Integrity.INTACT for value in values)
        if expect["integrity"] == "intact" and not whole:
            found.append(f"integrity {[str(value) for value in values]}, expected intact")
        if expect["integrity"] == "broken" and Integrity.BROKEN not in values:
            found.append(f"integrity {[str(value) for value in values]}, expected broken")
    wanted = str(expect.get("level_first", ""))
    if wanted.startswith("PAdES-BASELINE-"):
        level = signatures[0].facts.level if signatures else None
        if level is None or level.value != wanted:
            found.append(f"level_first {level}, expected {wanted}")
    return found


def certificates_in(data: bytes, password: str | None) -> list[bytes]:
    """The certificates that a file's signatures embed, DER. Runs in a worker."""
    try:
        listing = list_signatures(open_pdf(data, password), 50)
    except UnreadableError:
        return []
    found: dict[bytes, None] = {}
    for listed in listing.signatures:
        signed = attempt("container", partial(_signed_data, listed.contents))
        certificates = [] if isinstance(signed, Failure) else attempt("certificates", partial(_ders, signed))
        found.update(dict.fromkeys([] if isinstance(certificates, Failure) else certificates))
    return list(found)


def _signed_data(contents: bytes) -> cms.SignedData:
    return cms.ContentInfo.load(contents)["content"]


def _ders(signed: cms.SignedData) -> list[bytes]:
    return [choice.chosen.dump() for choice in signed["certificates"] if choice.name == "certificate"]


def own_store(ders: list[bytes]) -> TrustStore:
    """The trust store of ``--trust`` with a file's own certificates: the self-signed ones are anchors."""
    certificates = [Certificate.load(der) for der in ders]
    roots = [c for c in certificates if is_self_signed(c)]
    anchors = [TrustAnchor(c, Regime.UNKNOWN, ALL_PURPOSES, sha1_tree=False, name="own") for c in roots]
    return make_store(anchors, [c for c in certificates if not is_self_signed(c)])
