"""signxml's interoperability vectors (W3C, Phaos, Merlin, Aleksey, TR2012, SAML, XAdES of many makers): all answered.

Every certificate that a file brings is trusted for the test, at a time when it was valid: what passes or fails then is
the signature alone.
"""

from __future__ import annotations

import base64
import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from certs.anchors import TrustAnchor, TrustStore, make_store
from certs.catalogue import ALL_PURPOSES, Regime, load_catalogue
from certs.certificate import MALFORMED, Certificate, read_certificates
from tests.vectors.signxml_files import NoVectorsError, signxml_files
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.report import Conclusion, Integrity, ValidationReport
from verifier.verify import verify_document

DS = "{http://www.w3.org/2000/09/xmldsig#}"

REASONS = {
    "XML-HMAC": "a keyed digest proves nothing to a third party",
    "NO-SIGNING-CERTIFICATE": "only a bare key, a name or an address of a key: nobody is named",
    "XML-REFERENCE-EXTERNAL": "signs a file that is elsewhere; nothing is fetched",
    "XML-TRANSFORM-REFUSED": "XPath, XPath filter 2 or XSLT choose what is signed",
    "DIGEST-UNKNOWN": "RIPEMD-160",
    "XML-DTD-REFUSED": "a document type definition",
}
"""Why an honest vector has no intact signature: the finding's code, and what it is in the vectors."""

BAD = (
    "altered",
    "bad-digest-val",
    "bad-sig",
    "changed content",
    "invalid_enveloped_transform",
    "policyId-newlines",
    "unsupported-signature-algorithm",
    "wrong-sign-cert-digest",
    "cert-v2-wrong-digest",
)
"""What signxml's own tests expect an exception for, whatever the configuration."""

EMPTY = ("example2.xml",)
"""A template: its signature has no content yet."""

OTHER_CERTIFICATE = ("wrong-sign-cert-digest", "cert-v2-wrong-digest")
"""Bad because the properties name another certificate: the signature is intact, and nobody's."""


@dataclass(frozen=True)
class Answer:
    """One vector and its report."""

    name: str
    report: ValidationReport

    @property
    def codes(self) -> set[str]:
        """Codes of all findings."""
        report = self.report
        return {f.code for f in (*report.findings, *(f for v in report.verdicts for f in v.findings))}

    @property
    def intact(self) -> bool:
        """Is every signature intact."""
        verdicts = self.report.verdicts
        return bool(verdicts) and all(v.facts.integrity is Integrity.INTACT for v in verdicts)


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    try:
        directory = signxml_files()
    except NoVectorsError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"signxml's vectors: {error}")
        pytest.skip(f"signxml's vectors: {error}")
    files = sorted(path for path in directory.rglob("*.xml") if b"Signature" in path.read_bytes())
    return [_answer(path, str(path.relative_to(directory))) for path in files]


def _answer(path: Path, name: str) -> Answer:
    data = path.read_bytes()
    certificates = _certificates(data)
    store = _trusting(certificates)
    environment = Environment(load_policy().skipping_revocation(), store, load_catalogue())
    return Answer(name, verify_document(VerificationInput(data), environment, _time(certificates)))


def _certificates(data: bytes) -> list[Certificate]:
    """Those of KeyInfo, as far as they can be read."""
    found: list[Certificate] = []
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return []
    for one in root.iter(f"{DS}X509Certificate"):
        try:
            found += read_certificates(base64.b64decode("".join((one.text or "").split())))
        except (ValueError, *MALFORMED):
            continue
    return found


def _trusting(certificates: list[Certificate]) -> TrustStore:
    anchors = [TrustAnchor(c, Regime.UNKNOWN, ALL_PURPOSES, sha1_tree=True, name="vector") for c in certificates]
    return make_store(anchors, [])


def _time(certificates: list[Certificate]) -> datetime:
    begins = [certificate.not_valid_before for certificate in certificates]
    return max(begins).astimezone(UTC) + timedelta(days=1) if begins else datetime(2026, 11, 24, tzinfo=UTC)


def _is_bad(name: str) -> bool:
    return any(part in name for part in BAD)


def test_every_vector_gets_an_answer_that_says_why(answers: list[Answer]) -> None:
    assert len(answers) >= 140
    for answer in answers:
        assert answer.codes or answer.report.conclusion is Conclusion.TOTAL_PASSED, answer.name
        assert "STEP-FAILED" not in answer.codes, answer.name


def test_honest_signatures_are_intact_or_have_a_named_reason(answers: list[Answer]) -> None:
    honest = [one for one in answers if not _is_bad(one.name) and one.name not in EMPTY]
    unexplained = {one.name: sorted(one.codes) for one in honest if not one.intact and not one.codes & REASONS.keys()}
    assert unexplained == {}
    assert sum(one.intact for one in honest) >= 75
    reasons = Counter(code for one in honest if not one.intact for code in one.codes & REASONS.keys())
    assert set(reasons) == set(REASONS), "a reason that no vector has proves nothing"


def test_bad_signatures_are_never_intact_and_never_pass(answers: list[Answer]) -> None:
    bad = [one for one in answers if _is_bad(one.name)]
    assert {part for part in BAD if any(part in one.name for one in bad)} == set(BAD)
    for one in bad:
        assert one.report.conclusion is not Conclusion.TOTAL_PASSED, one.name
        if not any(part in one.name for part in OTHER_CERTIFICATE):
            assert not one.intact, one.name


def test_many_honest_ones_pass_where_their_certificates_are_trusted(answers: list[Answer]) -> None:
    """Else the vectors would show nothing but refusals; keys and digests of their time hold others back."""
    passed = [one for one in answers if one.report.conclusion is Conclusion.TOTAL_PASSED]
    assert len(passed) >= 20
    assert not any(re.search("hmac|md5|ripemd|xslt|xpath", one.name) for one in passed)
