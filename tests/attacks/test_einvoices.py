"""Documents of e-invoicing, each type honest and altered: every honest one passes, no altered one does.

What is unsigned by design may be replaced: that fails nothing, and what was put there is not in what was signed.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from demo.pki import DemoPki
from tests.unit.verifier.einvoice_maker import EDocument, documents, enveloped, invoice, notice, with_department
from tests.unit.verifier.signing import codes, judge, without_status
from tests.unit.verifier.xml_maker import DS, edited
from verifier.inputs import Environment
from verifier.report import Conclusion, Coverage, Integrity, SubIndication, ValidationReport

FIRST, SECOND = 17, 1904
COUNTS: Counter[str] = Counter()
LABELS = [one.label for one in documents(FIRST)]


@pytest.fixture(scope="module")
def known(pki: DemoPki) -> DemoPki:
    return with_department(pki)


@pytest.fixture(scope="module")
def environment(known: DemoPki) -> Environment:
    return without_status(known)


@pytest.fixture(scope="module", autouse=True)
def counted() -> Iterator[None]:
    yield
    print(f"\ne-invoices: {dict(COUNTS)}")


@pytest.fixture(scope="module")
def made(known: DemoPki) -> dict[str, tuple[EDocument, bytes, bytes]]:
    """Each type with its signed file and another file of the type."""
    pairs = zip(documents(FIRST), documents(SECOND), strict=True)
    return {first.label: (first, first.signed(known), second.signed(known)) for first, second in pairs}


def words(report: ValidationReport) -> str:
    """All that the report says was signed."""
    content = report.signed_content
    if content is None:
        return ""
    return " ".join(
        [content.title, *(value for _, value in content.fields), *(c for line in content.lines for c in line)]
    )


def first_signature(root: Any) -> Any:
    return next(root.iter(f"{{{DS}}}Signature"))


def data_of(root: Any) -> Any:
    """What the first signature's first reference names."""
    name = first_signature(root).find(f".//{{{DS}}}Reference").get("URI").removeprefix("#")
    return next(one for one in root.iter(etree.Element) if one.get("Id") == name)


def frame_of(root: Any) -> Any:
    return data_of(root).getparent()


def bare(root: Any) -> Any:
    """A copy of the data without its Id."""
    evil = copy.deepcopy(data_of(root))
    evil.attrib.pop("Id")
    return evil


def own_words(root: Any) -> Any:
    """The last element of the data with words of its own."""
    return [one for one in data_of(root).iter(etree.Element) if len(one) == 0 and one.text][-1]


def change_words(root: Any) -> None:
    own_words(root).text = "99999999"


def change_number(root: Any) -> None:
    (number, *_) = [one for one in data_of(root).iter() if str(one.tag) in ("MST", "MSTNBan")]
    number.text = "0109999999"


def change_party(root: Any) -> None:
    (party, *_) = [one for one in data_of(root).iter(etree.Element) if one.text == "CÔNG TY TNHH DEMO"]
    party.text = "CÔNG TY TNHH DEM0"


def change_time(root: Any) -> None:
    first_signature(root).find(f"{{{DS}}}Object//SigningTime").text = "2026-11-15T10:02:01"


def remove_an_element(root: Any) -> None:
    one = own_words(root)
    one.getparent().remove(one)


def forged_beside(root: Any) -> None:
    frame_of(root).insert(0, bare(root))


def same_id(root: Any) -> None:
    evil = copy.deepcopy(data_of(root))
    frame_of(root).insert(0, evil)


def in_a_wrapper(root: Any) -> None:
    data = data_of(root)
    parent = data.getparent()
    at = parent.index(data)
    holder = etree.Element("DuLieuCu")
    parent.insert(at, holder)
    holder.append(data)


def rename_the_frame(root: Any) -> None:
    frame_of(root).tag = "ThongBaoHuy"


def another_known_frame(root: Any) -> None:
    frame = frame_of(root)
    frame.tag = "TKhai" if frame.tag != "TKhai" else "HDon"


def in_a_namespace(root: Any) -> None:
    frame_of(root).tag = f"{{urn:x}}{etree.QName(frame_of(root)).localname}"


def text_between(root: Any) -> None:
    data_of(root).tail = "Đã thanh toán"


def an_empty_element(root: Any) -> None:
    etree.SubElement(frame_of(root), "DaThanhToan")


def an_attribute(root: Any) -> None:
    frame_of(root).set("TrangThai", "DaHuy")


def words_in_an_id(root: Any) -> None:
    root.set("Id", "HOA-DON-DA-BI-HUY")


def an_instruction(root: Any) -> None:
    frame_of(root).insert(0, etree.ProcessingInstruction("in", "ban sao"))


def an_instruction_before(root: Any) -> None:
    root.addprevious(etree.ProcessingInstruction("mso-application", 'progid="Word.Document"'))


def a_stylesheet(root: Any) -> None:
    root.addprevious(etree.ProcessingInstruction("xml-stylesheet", 'type="text/xsl" href="x.xsl"'))


def an_inclusion(root: Any) -> None:
    etree.SubElement(frame_of(root), "{http://www.w3.org/2001/XInclude}include", href="x.xml")


def a_base(root: Any) -> None:
    root.set("{http://www.w3.org/XML/1998/namespace}base", "http://elsewhere.invalid/")


def a_type(root: Any) -> None:
    root.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")


def a_comment_in_words(root: Any) -> None:
    one = own_words(root)
    mark = etree.Comment("x")
    mark.tail = one.text[1:]
    one.text = one.text[:1]
    one.append(mark)


def signature_in_a_value(root: Any) -> None:
    signature, value = first_signature(root), own_words(root)
    signature.tail = value.text[1:]
    value.text = value.text[:1]
    value.append(signature)


def words_in_the_container(root: Any) -> None:
    first_signature(root).getparent().text = "Đã duyệt"


def words_in_the_signature(root: Any) -> None:
    first_signature(root)[0].tail = "Đã duyệt"


def an_attribute_of_the_signature(root: Any) -> None:
    first_signature(root).set("TrangThai", "Đã duyệt")


def second_properties(root: Any) -> None:
    text = '<x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#other"/>'
    etree.SubElement(first_signature(root), f"{{{DS}}}Object").append(etree.fromstring(text))


ALTERED: list[Callable[[Any], None]] = [
    *(change_words, change_number, change_party, change_time, remove_an_element, forged_beside, same_id, in_a_wrapper),
    *(rename_the_frame, another_known_frame, in_a_namespace, text_between, an_empty_element, an_attribute),
    *(words_in_an_id, an_instruction, an_instruction_before, a_stylesheet, an_inclusion, a_base, a_type),
    *(a_comment_in_words, signature_in_a_value, words_in_the_container, words_in_the_signature),
    *(an_attribute_of_the_signature, second_properties),
]
FOR_AN_OFFICER = {"rename_the_frame", "another_known_frame", "in_a_namespace", "words_in_an_id", "a_stylesheet"}
FOR_AN_OFFICER |= {"a_comment_in_words", "second_properties"}
"""Names and instructions around what is signed: not shown to be wrong, and not passed."""

Made = dict[str, tuple[EDocument, bytes, bytes]]


@pytest.mark.parametrize("label", LABELS)
def test_an_honest_document_passes_and_is_read_out(label: str, made: Made, environment: Environment) -> None:
    document, signed, _ = made[label]
    report = judge(signed, environment)
    COUNTS["honest"] += 1
    assert report.conclusion is Conclusion.TOTAL_PASSED, report
    assert {verdict.facts.integrity for verdict in report.verdicts} == {Integrity.INTACT}
    assert all(v.facts.claimed_signing_time is not None for v in report.verdicts)
    assert document.amount in words(report) and document.party in words(report)
    if document.unsigned is not None:
        assert document.unsigned not in words(report)
    assert not [one for v in report.verdicts for one in v.findings if one.code.startswith("EINVOICE")]
    COUNTS["honest passed"] += 1


@pytest.mark.parametrize("alter", ALTERED, ids=lambda alter: alter.__name__)
@pytest.mark.parametrize("label", LABELS)
def test_an_altered_document_does_not_pass(
    label: str, alter: Callable[[Any], None], made: Made, environment: Environment
) -> None:
    _, signed, _ = made[label]
    report = judge(edited(signed, alter), environment)
    COUNTS["altered"] += 1
    assert report.conclusion in (Conclusion.TOTAL_FAILED, Conclusion.INDETERMINATE)
    if alter.__name__ not in FOR_AN_OFFICER:
        assert report.conclusion is Conclusion.TOTAL_FAILED, report.verdicts
    COUNTS["altered refused"] += 1


@pytest.mark.parametrize("label", LABELS)
def test_a_signature_of_another_document_does_not_hold(label: str, made: Made, environment: Environment) -> None:
    """The same seller, the same day: his signature of one paper in the place of that of another."""
    _, signed, other = made[label]

    def swap(root: Any) -> None:
        mine, theirs = first_signature(root), first_signature(etree.fromstring(other))
        mine.getparent().replace(mine, theirs)

    report = judge(edited(signed, swap), environment)
    COUNTS["swapped"] += 1
    assert report.conclusion is Conclusion.TOTAL_FAILED or report.conclusion is Conclusion.INDETERMINATE
    assert all(v.facts.integrity is not Integrity.INTACT for v in report.verdicts[:1])
    COUNTS["swapped refused"] += 1


@pytest.mark.parametrize("label", LABELS)
def test_another_companys_certificate_is_for_an_officer(label: str, known: DemoPki, environment: Environment) -> None:
    (document,) = [one for one in documents(FIRST) if one.label == label]
    instead = {one.slug.replace("-", "_"): "other-company" for one in document.signers}
    report = judge(document.signed(known, **instead), environment)
    COUNTS["another company"] += 1
    assert report.conclusion is Conclusion.INDETERMINATE
    for verdict in report.verdicts:
        assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
        assert any(code.startswith("EINVOICE-NOT-BY-") for code in codes(verdict))
    COUNTS["another company refused"] += 1


@pytest.mark.parametrize("label", [one.label for one in documents(FIRST) if one.unsigned is not None])
def test_what_is_unsigned_by_design_may_be_replaced_and_is_never_shown(
    label: str, made: Made, environment: Environment
) -> None:
    document, signed, _ = made[label]
    assert document.unsigned is not None
    replaced = signed.replace(document.unsigned.encode(), "ĐÃ-THANH-TOÁN".encode())
    assert replaced != signed
    report = judge(replaced, environment)
    COUNTS["unsigned replaced"] += 1
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert "ĐÃ-THANH-TOÁN" not in words(report)
    assert any("XML-OUTSIDE-BY-DESIGN" in codes(verdict) for verdict in report.verdicts)
    COUNTS["unsigned replaced, passed and not shown"] += 1


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


class TestTheDepartmentsCode:
    def test_its_absence_is_said(self, known: DemoPki, environment: Environment) -> None:
        report = judge(invoice(FIRST, "C26TAA").signed(known), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert "EINVOICE-CODE-NOT-SIGNED" in {finding.code for finding in report.findings}
        for series in ("K26TAA", "C26MAA"):
            plain = judge(invoice(FIRST, series).signed(known), environment)
            assert "EINVOICE-CODE-NOT-SIGNED" not in {finding.code for finding in plain.findings}

    def test_a_signature_over_the_code_alone_vouches_for_no_invoice(
        self, known: DemoPki, environment: Environment
    ) -> None:
        made = invoice(FIRST, "C26TAA", code=True)
        seller, department = made.signers
        alone = replace(department, ids=(f"_code{FIRST}",))
        report = judge(replace(made, signers=(seller, alone)).signed(known), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED
        assert "EINVOICE-CODE-ALONE" in {finding.code for finding in report.findings}

    def test_the_code_of_another_invoice(self, made: Made, environment: Environment) -> None:
        _, signed, other = made["invoice with code"]

        def swap(root: Any) -> None:
            theirs = etree.fromstring(other)
            root.replace(root.find("MCCQT"), theirs.find("MCCQT"))
            root.find("DSCKS").replace(root.find("DSCKS/CQT"), theirs.find("DSCKS/CQT"))

        assert judge(edited(signed, swap), environment).conclusion is not Conclusion.TOTAL_PASSED

    def test_only_the_tax_departments_own_certificate_is_its(self, known: DemoPki, environment: Environment) -> None:
        """Another agency of the official regime, and a company that calls itself a tax office."""
        for slug in ("agency", "other-company"):
            report = judge(notice(FIRST).signed(known, tax_department=slug), environment)
            assert "EINVOICE-NOT-BY-TAX-DEPARTMENT" in codes(report.verdicts[0])
            assert report.conclusion is Conclusion.INDETERMINATE


class TestUnsignedPartsThatSayOtherwise:
    @pytest.mark.parametrize("old", [b"0110620000000", b"20261114", b"K26TAA", b"060817712000"])
    def test_the_qr_code(self, old: bytes, known: DemoPki, environment: Environment) -> None:
        signed = invoice(FIRST).signed(known)
        head, tail = signed.split(b"<DLQRCode>")
        report = judge(head + b"<DLQRCode>" + tail.replace(old, old[:-1] + b"9", 1), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert "XML-OUTSIDE-CONTRADICTS" in {finding.code for finding in report.findings}

    def test_the_envelopes_taxpayer(self, made: Made, environment: Environment) -> None:
        _, signed, _ = made["message 301"]
        changed = signed.replace(b"<MST>6200000000</MST><SLuong>", b"<MST>0109999999</MST><SLuong>")
        report = judge(changed, environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
        assert "XML-OUTSIDE-CONTRADICTS" in {finding.code for finding in report.findings}


def test_a_signature_among_the_others_alone_names_no_issuer(known: DemoPki, environment: Environment) -> None:
    made = invoice(FIRST)
    (seller,) = made.signers
    other = replace(seller, slug="other-company", place="DSCKS/CCKSKhac")
    alone = judge(replace(made, signers=(other,)).signed(known), environment)
    assert "EINVOICE-NO-PARTY" in codes(alone.verdicts[0])
    beside = judge(replace(made, signers=(seller, other)).signed(known), environment)
    assert beside.conclusion is Conclusion.TOTAL_PASSED


def test_an_employee_of_the_seller_is_not_the_seller(known: DemoPki, environment: Environment) -> None:
    report = judge(invoice(FIRST).signed(known, company="employee"), environment)
    assert "EINVOICE-NOT-BY-SELLER" in codes(report.verdicts[0])


def test_a_time_without_a_zone_is_vietnams(made: Made, environment: Environment) -> None:
    (verdict,) = judge(made["invoice"][1], environment).verdicts
    claimed = verdict.facts.claimed_signing_time
    assert claimed is not None and claimed.isoformat() == "2026-11-14T03:02:01+00:00"
    assert verdict.facts.coverage is Coverage.WHOLE_REVISION


def test_a_pdf_in_a_comment_makes_two_documents_of_one_file(made: Made, environment: Environment) -> None:
    for mark in (b"%PDF-1.7 1 0 obj", b"trailer startxref 9 %%EOF"):
        behind = made["invoice"][1] + b"<!-- " + b" " * 2000 + mark + b" -->"
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
