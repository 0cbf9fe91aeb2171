"""Signature wrapping and its relatives: a signature that holds over something is no signature over what is shown.

After Somorovsky et al., "On Breaking SAML" (USENIX Security 2012), and the CVEs named at the cases. Every case starts
from an e-invoice that passes; none may pass, and none may say that all of the document is signed.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from demo.pki import DemoPki
from tests.simulators.listener import listening
from tests.unit.verifier.signing import codes, judge, without_status
from tests.unit.verifier.xml_maker import (
    DECLARATION,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INVOICE,
    Ref,
    XmlMake,
    edited,
    finished,
    sign_xml,
)
from verifier.inputs import Environment
from verifier.report import Conclusion, Coverage, Integrity, SubIndication

EVIL = "99999999"


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def invoice(pki: DemoPki) -> bytes:
    """Exclusive canonical form: the signed data may be moved about and its digest still holds."""
    return sign_xml(INVOICE, XmlMake(pki.holder("company"), (Ref("#data", (EXCLUSIVE,)),), c14n=EXCLUSIVE))


@pytest.fixture(scope="module")
def declaration(pki: DemoPki) -> bytes:
    return sign_xml(DECLARATION, XmlMake(pki.holder("company"), (Ref("", (ENVELOPED,)),)), "CKyDTu")


def data_of(root: Any) -> Any:
    return root.find("DLHDon")


def signature_of(root: Any) -> Any:
    return next(root.iter(f"{{{DS}}}Signature"))


def forged(root: Any, identifier: str | None = None) -> Any:
    """A copy of the data with another amount."""
    evil = copy.deepcopy(data_of(root))
    evil.find(".//TgTTTBSo").text = EVIL
    if identifier is None:
        del evil.attrib["Id"]
    else:
        evil.set("Id", identifier)
    return evil


def hiding(original: Any) -> Any:
    """An Object around it; lxml forgets ``xmlns=""`` when an element without namespace is moved, so it is written."""
    text = etree.tostring(original, encoding="unicode", with_tail=False).replace("<DLHDon", '<DLHDon xmlns=""', 1)
    return etree.fromstring(f'<Object xmlns="{DS}">{text}</Object>')


def in_object(root: Any) -> None:
    """The signed data moves into an Object of its signature; forged data stands in its place."""
    original = data_of(root)
    root.replace(original, forged(root))
    signature_of(root).append(hiding(original))


def beside(root: Any) -> None:
    """Forged data first, the signed one after it."""
    root.insert(0, forged(root))


def beside_after(root: Any) -> None:
    """Forged data after the signed one."""
    root.append(forged(root, "other"))


def same_identifier(root: Any) -> None:
    """Two elements with one Id: which one is signed depends on who reads."""
    root.insert(0, forged(root, "data"))


def same_identifier_in_another_dialect(root: Any) -> None:
    """The forged element bears the value as ``ID`` where the signed one has ``Id``."""
    evil = forged(root)
    evil.set("ID", "data")
    root.insert(0, evil)


def in_a_wrapper(root: Any) -> None:
    """The signed data hides in an element that no reader looks at."""
    original = data_of(root)
    root.replace(original, forged(root))
    etree.SubElement(root, "CuGia").append(original)


def in_the_container(root: Any) -> None:
    """Forged data in the container of the signatures."""
    root.find("DSCKS").append(forged(root))


def text_beside(root: Any) -> None:
    """Words beside what is signed."""
    data_of(root).tail = "Đã thanh toán"


def attribute_above(root: Any) -> None:
    """An attribute on the element around what is signed."""
    root.set("TrangThai", "DaThanhToan")


def empty_element_beside(root: Any) -> None:
    """An element whose name alone says something."""
    etree.SubElement(root, "DaThanhToan")


def unsigned_object(root: Any) -> None:
    """An Object of the signature that nobody signed."""
    etree.SubElement(signature_of(root), f"{{{DS}}}Object").append(forged(root))


def in_a_second_signature(root: Any) -> None:
    """The signed data moves into the Object of another, empty signature."""
    original = data_of(root)
    root.replace(original, forged(root))
    second = etree.SubElement(root.find("DSCKS"), f"{{{DS}}}Signature")
    second.append(hiding(original))


def in_a_new_document(root: Any) -> None:
    """The whole signed invoice inside another document, beside a forged one."""
    inner = copy.deepcopy(root)
    root[:] = []
    root.tag = "GoiTin"
    etree.SubElement(root, "HDon").append(forged(inner, "x"))
    root.append(inner)


def second_signed_info(root: Any) -> None:
    """Two SignedInfo, the value over one, the references of the other (CVE-2025-29774)."""
    signature = signature_of(root)
    evil = copy.deepcopy(signature[0])
    signature.insert(0, evil)


def comment_in_digest(root: Any) -> None:
    """A comment, which the value is not over, holds the digest of forged data (CVE-2025-29775)."""
    data_of(root).find(".//TgTTTBSo").text = EVIL
    value = signature_of(root).find(f".//{{{DS}}}DigestValue")
    digest = hashlib.sha256(etree.tostring(data_of(root), method="c14n", exclusive=True)).digest()
    value.insert(0, etree.Comment(base64.b64encode(digest).decode()))


def reference_without_uri(root: Any) -> None:
    """A reference that names nothing."""
    del signature_of(root).find(f".//{{{DS}}}Reference").attrib["URI"]


def signature_in_counter_signature(root: Any) -> None:
    """The signature hides as a countersignature of a made-up one."""
    signature = signature_of(root)
    holder = signature.getparent()
    outer = etree.SubElement(holder, f"{{{DS}}}Signature")
    etree.SubElement(outer, "{http://uri.etsi.org/01903/v1.3.2#}CounterSignature").append(signature)
    data_of(root).find(".//TgTTTBSo").text = EVIL


SHAPES = [
    *(in_object, beside, beside_after, same_identifier, same_identifier_in_another_dialect, in_a_wrapper),
    *(in_the_container, text_beside, attribute_above, empty_element_beside, unsigned_object, in_a_second_signature),
    *(in_a_new_document, second_signed_info, comment_in_digest, reference_without_uri, signature_in_counter_signature),
]


def test_the_invoice_passes_as_it_is(invoice: bytes, environment: Environment) -> None:
    report = judge(invoice, environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert report.verdicts[0].facts.coverage is Coverage.WHOLE_REVISION


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_wrapped_invoice_never_passes(shape: Callable[[Any], None], invoice: bytes, environment: Environment) -> None:
    report = judge(edited(invoice, shape), environment)
    assert report.conclusion is Conclusion.TOTAL_FAILED, report.verdicts
    for verdict in report.verdicts:
        whole = verdict.facts.coverage in (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)
        assert not (whole and verdict.facts.integrity is Integrity.INTACT)


@pytest.mark.parametrize(
    "shape",
    [in_object, beside, beside_after, in_a_wrapper, in_the_container, in_a_new_document],
    ids=lambda s: s.__name__,
)
def test_where_the_digest_still_holds_the_place_decides(
    shape: Callable[[Any], None], invoice: bytes, environment: Environment
) -> None:
    """These documents fool a check that looks at digest and value alone."""
    (verdict,) = judge(edited(invoice, shape), environment).verdicts
    assert verdict.facts.integrity is Integrity.INTACT
    assert (verdict.facts.coverage, verdict.sub_indication) == (Coverage.PARTIAL, SubIndication.FORMAT_FAILURE)
    assert "XML-PART-NOT-SIGNED" in codes(verdict)


@pytest.mark.parametrize("shape", [beside, unsigned_object, text_beside], ids=lambda shape: shape.__name__)
def test_a_declaration_signed_as_a_whole_takes_nothing_more(
    shape: Callable[[Any], None], declaration: bytes, environment: Environment
) -> None:
    """Everything but the signature itself is in the digest; an Object of the signature is not, and is seen."""

    def edit(root: Any) -> None:
        if shape is unsigned_object:
            etree.SubElement(signature_of(root), f"{{{DS}}}Object").append(copy.deepcopy(root[0]))
        elif shape is beside:
            root.insert(0, copy.deepcopy(root[0]))
        else:
            root[0].tail = "Đã nộp"

    report = judge(edited(declaration, edit), environment)
    assert report.conclusion is Conclusion.TOTAL_FAILED


def test_an_attackers_own_signature_does_not_vouch_for_what_it_hides(
    pki: DemoPki, invoice: bytes, environment: Environment
) -> None:
    """A stranger to the invoice, with a good certificate, signs forged data around the seller's hidden original."""

    def hide(root: Any) -> None:
        original = data_of(root)
        root.replace(original, forged(root))
        root.set("Id", "all")
        holder = etree.SubElement(root.find("DSCKS"), "CCKSKhac")
        made = sign_xml(
            etree.tostring(root), XmlMake(pki.holder("citizen"), (Ref("", (ENVELOPED,)),), identifier="evil"), "DSCKS"
        )
        template = next(one for one in etree.fromstring(made).iter(f"{{{DS}}}Signature") if one.get("Id") == "evil")
        template.append(hiding(original))
        holder.append(template)
        finished(root, XmlMake(pki.holder("citizen"), identifier="evil"))

    report = judge(edited(invoice, hide), environment)
    assert report.conclusion is Conclusion.TOTAL_FAILED
    sellers = next(v for v in report.verdicts if v.facts.signer is not None and v.facts.signer.mst is not None)
    assert sellers.sub_indication is SubIndication.FORMAT_FAILURE
    assert "XML-PART-NOT-SIGNED" in codes(sellers)


def test_a_second_signers_own_forged_data_is_not_the_sellers(
    pki: DemoPki, invoice: bytes, environment: Environment
) -> None:
    """Two data elements, each signed by another: neither signature covers what the document shows."""
    both = edited(invoice, lambda root: root.append(forged(root, "other")))
    made = sign_xml(both, XmlMake(pki.holder("citizen"), (Ref("#other"),), identifier="two"), "DSCKS/NMua")
    report = judge(made, environment)
    assert [v.facts.integrity for v in report.verdicts] == [Integrity.INTACT, Integrity.INTACT]
    assert [v.facts.coverage for v in report.verdicts] == [Coverage.PARTIAL, Coverage.PARTIAL]
    assert report.conclusion is Conclusion.TOTAL_FAILED


def test_every_changed_byte_of_the_signed_data_is_noticed(invoice: bytes, environment: Environment) -> None:
    """Byte by byte; what means the same to every reader (a tab for a blank inside a tag) may stay."""
    start, end = invoice.index(b"<DLHDon"), invoice.index(b"</DLHDon>") + 9
    meant = etree.tostring(etree.fromstring(invoice)[0], method="c14n")
    noticed = 0
    for at in range(start, end):
        for mask in (1, 32):
            changed = invoice[:at] + bytes([invoice[at] ^ mask]) + invoice[at + 1 :]
            report = judge(changed, environment)
            if any(v.facts.integrity is Integrity.INTACT for v in report.verdicts):
                assert etree.tostring(etree.fromstring(changed)[0], method="c14n") == meant
            else:
                noticed += 1
    assert noticed > 1.9 * (end - start)


HOSTILE = {
    "external entity in a file": '<!DOCTYPE HDon [<!ENTITY x SYSTEM "file:///etc/passwd">]><HDon>&x;</HDon>',
    "external entity": '<!DOCTYPE HDon [<!ENTITY x SYSTEM "{url}/x">]><HDon>&x;</HDon>',
    "parameter entity": '<!DOCTYPE HDon [<!ENTITY % x SYSTEM "{url}/x.dtd"> %x;]><HDon/>',
    "external DTD": '<!DOCTYPE HDon SYSTEM "{url}/x.dtd"><HDon/>',
    "billion laughs": "<!DOCTYPE HDon [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]><HDon>&a11;</HDon>",
    "quadratic blow-up": f"<!DOCTYPE HDon [<!ENTITY a '{'a' * 50000}'>]><HDon>{'&a;' * 50000}</HDon>",
    "deep nesting": "<a>" * 100000 + "</a>" * 100000,
    "many elements": "<HDon>" + "<a/>" * 1_100_000 + "</HDon>",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_xml_is_refused_in_time_and_without_a_connection(case: str, environment: Environment) -> None:
    started = time.process_time()
    with listening() as listener:
        report = judge(HOSTILE[case].replace("{url}", listener.url).encode(), environment)
    assert listener.connections == 0
    assert report.conclusion is Conclusion.UNREADABLE
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "address", ["{url}/x", "file:///etc/passwd", "//127.0.0.1/x", "ftp://127.0.0.1/x", "#missing", "other.xml"]
)
def test_what_a_reference_names_elsewhere_is_never_fetched(
    address: str, pki: DemoPki, environment: Environment
) -> None:
    with listening() as listener:
        uri = address.replace("{url}", listener.url)
        report = judge(sign_xml(INVOICE, XmlMake(pki.holder("company"), (Ref(uri),))), environment)
    assert listener.connections == 0
    assert report.conclusion is not Conclusion.TOTAL_PASSED
    assert report.verdicts[0].facts.integrity is Integrity.UNKNOWN


@pytest.mark.parametrize("element", ['<xi:include href="{url}/x"/>', '<xi:include href="file:///etc/passwd"/>'])
def test_xinclude_is_only_an_element(element: str, environment: Environment) -> None:
    with listening() as listener:
        text = element.replace("{url}", listener.url)
        report = judge(f'<HDon xmlns:xi="http://www.w3.org/2001/XInclude">{text}</HDon>'.encode(), environment)
    assert listener.connections == 0
    assert report.conclusion is Conclusion.NO_SIGNATURE


@pytest.mark.parametrize(
    "transform",
    [
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "http://www.w3.org/2000/09/xmldsig#nothing",
    ],
)
def test_transforms_that_choose_what_is_signed_are_refused(
    transform: str, pki: DemoPki, environment: Environment
) -> None:
    report = judge(sign_xml(INVOICE, XmlMake(pki.holder("company"), (Ref("#data", (transform,)),))), environment)
    (verdict,) = report.verdicts
    assert verdict.sub_indication is SubIndication.POLICY_PROCESSING_ERROR
    assert "XML-TRANSFORM-REFUSED" in codes(verdict)


def test_an_unsigned_stylesheet_leaves_the_decision_to_the_officer(invoice: bytes, environment: Environment) -> None:
    styled = invoice.replace(b"<HDon>", b'<?xml-stylesheet type="text/xsl" href="hoadon.xsl"?><HDon>')
    report = judge(styled, environment)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "XML-STYLESHEET-NOT-SIGNED" in codes(report.verdicts[0])
