"""The tax department's code, the unsigned parts that say otherwise, and several documents in one message."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from demo.pki import DemoPki
from tests.einvoices.judging import words
from tests.einvoices.making import Paper
from tests.einvoices.papers import enveloped, invoice, notice
from tests.unit.verifier.signing import codes, judge
from tests.unit.verifier.xml_maker import DS, edited
from verifier.inputs import Environment
from verifier.report import Conclusion, Coverage

FIRST, SECOND = 17, 1904


class TestTheDepartmentsCode:
    @pytest.mark.parametrize("series", ["K26TAA", "C26MAA", "k26TAA"])
    def test_it_is_not_expected(self, series: str, known: DemoPki, environment: Environment) -> None:
        """Without a code, and from a cash register, whose program has its own."""
        report = judge(invoice(FIRST, series).signed(known), environment)
        assert "EINVOICE-CODE-NOT-SIGNED" not in {finding.code for finding in report.findings}

    @pytest.mark.parametrize("series", ["C26TAA", "C26DAA", "C26"])
    def test_its_absence_is_said(self, series: str, known: DemoPki, environment: Environment) -> None:
        report = judge(invoice(FIRST, series).signed(known), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        found = {finding.code: dict(finding.parameters) for finding in report.findings}
        assert found["EINVOICE-CODE-NOT-SIGNED"] == {"series": series}

    def test_a_signature_over_the_code_alone_vouches_for_no_invoice(
        self, known: DemoPki, environment: Environment
    ) -> None:
        """Both signatures hold, and nobody signed that the code is this invoice's: for an officer, not refused."""
        made = invoice(FIRST, "C26TAA", code=True)
        seller, department = made.signers
        alone = replace(department, ids=(f"_code{FIRST}",))
        report = judge(replace(made, signers=(seller, alone)).signed(known), environment)
        assert report.conclusion is Conclusion.INDETERMINATE
        assert "EINVOICE-CODE-ALONE" in {finding.code for finding in report.findings}
        assert all("XML-PARTS-SIGNED-APART" in codes(verdict) for verdict in report.verdicts)

    def test_a_second_invoice_is_no_other_part_of_the_first(self, known: DemoPki, environment: Environment) -> None:
        made = invoice(FIRST, "C26TAA", code=True)
        forged = made.xml.replace("</DLHDon>", f"</DLHDon>{_data(invoice(SECOND))}")
        seller, department = made.signers
        alone = replace(department, ids=(f"_{SECOND}", f"_code{FIRST}"))
        report = judge(replace(made, xml=forged, signers=(seller, alone)).signed(known), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED

    def test_the_code_of_another_invoice(self, known: DemoPki, environment: Environment) -> None:
        """Signed alone, the department's signature over another invoice's code fits every invoice."""
        made, other = (
            replace(one, signers=(one.signers[0], replace(one.signers[1], ids=(one.signers[1].ids[1],))))
            for one in (invoice(FIRST, "C26TAA", code=True), invoice(SECOND, "C26TAA", code=True))
        )

        def swap(root: Any) -> None:
            theirs = etree.fromstring(other.signed(known))
            root.replace(root.find("MCCQT"), theirs.find("MCCQT"))
            root.find("DSCKS").replace(root.find("DSCKS/CQT"), theirs.find("DSCKS/CQT"))

        report = judge(edited(made.signed(known), swap), environment)
        assert report.conclusion is Conclusion.INDETERMINATE
        assert "EINVOICE-CODE-ALONE" in {finding.code for finding in report.findings}


def _data(paper: Paper) -> str:
    return paper.xml[paper.xml.index("<DLHDon") : paper.xml.index("</DLHDon>") + 9]


class TestUnsignedPartsThatSayOtherwise:
    @pytest.mark.parametrize("old", [b"0110620000000", b"20261114", b"K26TAA", b"060817712000"])
    def test_the_qr_code(self, old: bytes, known: DemoPki, environment: Environment) -> None:
        signed = invoice(FIRST).signed(known)
        head, tail = signed.split(b"<DLQRCode>")
        report = judge(head + b"<DLQRCode>" + tail.replace(old, old[:-1] + b"9", 1), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert "XML-OUTSIDE-CONTRADICTS" in {finding.code for finding in report.findings}

    @pytest.mark.parametrize(
        ("written", "contradicts"),
        [
            ("0110620000000002011030{series}0402170508202611140608177120006304", False),
            ("01106200000000020110306K26TAA04021705082026111406081771200063", False),
            ("01106200000000020110306K26TAA0421705082026111406081771200063", False),  # one digit for a length below ten
            ("01106200000000020110306K26TAA040217050820261114061117712000.0063", False),
            ("01106200000000020110306K26TAA04021805082026111406081771200063", True),
            ("01106200000000020120306K26TAA04021705082026111406081771200063", True),
            ("01106200000000020306K26TAA04021705082026111406089999999963", False),  # a field is missing
            ("hoá đơn 99", False),
        ],
    )
    def test_how_it_is_read(self, written: str, contradicts: bool, known: DemoPki, environment: Environment) -> None:
        signed = invoice(FIRST).signed(known).decode()
        head, _, rest = signed.partition("<DLQRCode>")
        tail = rest[rest.index("</DLQRCode>") :]
        code = "00020199880032AAAABBBBCCCCDDDDEEEEFFFF00001111" + written.replace("{series}", "6K26TAA")
        report = judge(f"{head}<DLQRCode>{code}{tail}".encode(), environment)
        found = "XML-OUTSIDE-CONTRADICTS" in {finding.code for finding in report.findings}
        assert found is contradicts

    def test_the_envelopes_taxpayer(self, known: DemoPki, environment: Environment) -> None:
        signed = enveloped(notice(FIRST, "301"), 301, FIRST).signed(known)
        report = judge(signed.replace(b"<MST>6200000000</MST><SLuong>", b"<MST>0109999999</MST><SLuong>"), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert "XML-OUTSIDE-CONTRADICTS" in {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    "change",
    [
        lambda leaf: leaf.set("x", "1"),
        lambda leaf: leaf.append(etree.Comment("x")),
        lambda leaf: etree.SubElement(leaf, "x"),
        lambda leaf: leaf.addnext(copy.deepcopy(leaf)),
    ],
    ids=["attribute", "comment", "element", "twice"],
)
def test_an_unsigned_leaf_is_text_and_stands_once(
    change: Callable[[Any], Any], known: DemoPki, environment: Environment
) -> None:
    def edit(root: Any) -> None:
        change(root.find("DLQRCode"))

    assert judge(edited(invoice(FIRST).signed(known), edit), environment).conclusion is Conclusion.TOTAL_FAILED


def test_a_time_without_a_zone_is_vietnams(known: DemoPki, environment: Environment) -> None:
    (verdict,) = judge(invoice(FIRST).signed(known), environment).verdicts
    claimed = verdict.facts.claimed_signing_time
    assert claimed is not None and claimed.isoformat() == "2026-11-14T03:02:01+00:00"
    assert verdict.facts.coverage is Coverage.WHOLE_REVISION
    assert "CLAIMED-TIME-NO-ZONE" in codes(verdict)


def test_sha1_is_for_an_officer_with_the_reason(known: DemoPki, environment: Environment) -> None:
    made = invoice(FIRST)
    signed = replace(made, signers=(replace(made.signers[0], digest="sha1"),)).signed(known)
    report = judge(signed, environment)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "XML-ALGORITHM-WEAK" in codes(report.verdicts[0])


def test_a_pdf_in_a_comment_makes_two_documents_of_one_file(known: DemoPki, environment: Environment) -> None:
    for mark in (b"%PDF-1.7 1 0 obj", b"trailer startxref 9 %%EOF"):
        behind = invoice(FIRST).signed(known) + b"<!-- " + b" " * 2000 + mark + b" -->"
        report = judge(behind, environment)
        if report.verdicts:  # a whole PDF is refused before anything is read (``verifier.formats``)
            assert "XML-READS-AS-ANOTHER-FORMAT" in codes(report.verdicts[0])
        assert report.conclusion in (Conclusion.INDETERMINATE, Conclusion.UNREADABLE)


class TestSeveralDocumentsInOneMessage:
    """Each is signed by itself; what nobody signed may not slip in among them."""

    def _both(self, known: DemoPki) -> bytes:
        first, second = invoice(FIRST), invoice(SECOND)
        message = enveloped(replace(first, xml=first.xml + second.xml), 203, FIRST)
        signed = replace(message, signers=()).signed(known)

        def sign(root: Any) -> None:
            bodies = root.findall("DLieu/HDon")
            for number, (body, made) in enumerate(zip(bodies, (first, second), strict=True)):
                alone = replace(made, signers=(replace(made.signers[0], key=number),)).signed(known)
                body.getparent().replace(body, etree.fromstring(alone))

        return edited(signed, sign)

    def test_each_answers_for_itself(self, known: DemoPki, environment: Environment) -> None:
        report = judge(self._both(known), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert all("XML-OTHER-DOCUMENTS" in codes(verdict) for verdict in report.verdicts)
        content = report.signed_content
        assert content is not None and content.type == "TDiep" and len(content.lines) == 2

    def test_one_that_nobody_signed(self, known: DemoPki, environment: Environment) -> None:
        def strip(root: Any) -> None:
            signature = list(root.iter(f"{{{DS}}}Signature"))[1]
            signature.getparent().remove(signature)

        report = judge(edited(self._both(known), strip), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED
        assert str(SECOND) not in words(report)

    def test_one_that_was_changed(self, known: DemoPki, environment: Environment) -> None:
        report = judge(self._both(known).replace(b"<SHDon>1904<", b"<SHDon>1905<"), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED
