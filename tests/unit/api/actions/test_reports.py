"""The ETSI report: read by the schema's own classes, true to the verdict, sealed so that our verifier passes it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_type_hints

import pytest
from asn1crypto import cms
from lxml import etree
from pyhanko.generated.etsi import ts_11910202
from signxml.verifier import XMLVerifier
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from api.actions import verify_document
from api.actions.reports import etsi_report
from api.actions.verify_document import Upload
from api.callers import Caller
from api.i18n.texts import load_texts
from api.key_ledger import KeyLedger
from api.report_sealing import build_report_sealing
from api.report_xml import DS, TSL, VR, XADES, report_xml, to_bytes
from api.services import Services
from api.settings import SettingsError
from demo.citizen import sign_as
from demo.documents import forge
from demo.pki import DemoPki
from tests.installation import unsigned_declaration
from tests.unit.api.report_samples import AT, BROKEN, PASSED, STATUS_UNKNOWN, report
from verifier.bundle.bundle import PieceKind
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.report import Conclusion, Finding, Severity

TEXTS = load_texts()


def _schema_reads(data: bytes) -> Any:
    """The classes that pyHanko generated from the standard's schema; an element they do not know fails."""
    parser = XmlParser(config=ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True))
    return parser.from_bytes(data, ts_11910202.ValidationReport)


def _ledger(services: Services) -> KeyLedger:
    return KeyLedger(services.database, services.clock)


def _sealing(services: Services, pki: DemoPki, slug: str) -> Services:
    key = {"kind": "pkcs12", "path": str(pki.pkcs12_path(slug)), "passphrase_file": "passphrase"}
    settings = replace(services.settings, report_key=key)
    return replace(services, settings=settings, report_sealing=build_report_sealing(settings, {}, _ledger(services)))


@pytest.mark.parametrize("facts", [(), (PASSED,), (BROKEN,), (STATUS_UNKNOWN,), (PASSED, BROKEN, STATUS_UNKNOWN)])
def test_the_schema_knows_every_element(facts: tuple[Any, ...]) -> None:
    odd = Finding("NO-SIGNATURE", Severity.INFO, (("x", "\x00\x1f<&>"),))
    made = report(*facts, findings=(odd,))
    root = report_xml(made, {}, TEXTS, service="https://antin.example", seal_certificate=None)
    read = _schema_reads(to_bytes(root))
    indications = [one.signature_validation_status.main_indication for one in read.signature_validation_report]
    assert len(indications) == max(1, len(facts))
    assert {urn.rpartition(":")[2] for urn in indications} <= {
        *("total-passed", "total-failed", "indeterminate", "noSignatureFound")
    }
    references = {
        reference
        for element in root.iter()
        if isinstance(element.tag, str)
        for reference in element.get("VOReference", "").split()
    }
    assert references <= {element.get("id") for element in root.iter(f"{{{VR}}}ValidationObject")}


def _faults(element: Any, kind: Any) -> Iterator[str]:
    """What of an element the standard's schema does not allow: an order, or a mandatory element that is missing.

    The classes keep the order and the obligations of the schema, which the parser above does not look at.
    """
    known = {}
    for position, one in enumerate(fields(kind)):
        if one.metadata.get("type") == "Element":
            known[f"{{{one.metadata.get('namespace', '')}}}{one.metadata.get('name', one.name)}"] = (position, one)
    children = [child for child in element if isinstance(child.tag, str)]
    places = [known[child.tag][0] for child in children if child.tag in known]
    name = etree.QName(element).localname
    if places != sorted(places):
        yield f"{name}: {[etree.QName(child).localname for child in children]} in another order than the schema's"
    present = {child.tag for child in children}
    for tag, (_, one) in known.items():
        if (one.metadata.get("required") or one.metadata.get("min_occurs", 0)) and tag not in present:
            yield f"{name}: {etree.QName(tag).localname} is missing"
    hints = get_type_hints(kind)
    for child in children:
        inner = _class_in(hints[known[child.tag][1].name]) if child.tag in known else None
        if inner is not None:
            yield from _faults(child, inner)


def _class_in(hint: Any) -> Any:
    """The dataclass inside ``X``, ``X | None`` or ``tuple[X, ...]``."""
    if is_dataclass(hint):
        return hint
    return next((found for one in get_args(hint) if (found := _class_in(one)) is not None), None)


EVERYTHING = replace(PASSED, signed_sha256="ab" * 32, evidence=("cd" * 32,), revoked_at=AT)


@pytest.mark.parametrize(
    "facts", [(), (PASSED,), (BROKEN,), (STATUS_UNKNOWN,), (EVERYTHING,), (replace(PASSED, signer=None),)]
)
def test_order_and_mandatory_elements_are_the_schemas(facts: tuple[Any, ...]) -> None:
    odd = Finding("NO-SIGNATURE", Severity.INFO)
    kinds = {"cd" * 32: PieceKind.CRL}
    root = report_xml(
        report(*facts, findings=(odd,)), kinds, TEXTS, service="https://antin.example", seal_certificate=None
    )
    assert list(_faults(root, ts_11910202.ValidationReport)) == []
    mandatory = next(root.iter(f"{{{VR}}}SignatureValidationStatus"))
    mandatory.getparent().insert(0, mandatory)
    assert len(list(_faults(root, ts_11910202.ValidationReport))) == 1, "the check sees an order that is wrong"
    mandatory.getparent().remove(mandatory)
    assert any("is missing" in fault for fault in _faults(root, ts_11910202.ValidationReport))


@pytest.mark.parametrize("facts", [(), (PASSED,)])
def test_every_report_names_its_policy_by_digest(facts: tuple[Any, ...]) -> None:
    made = report(*facts)
    root = report_xml(made, {}, TEXTS, service="https://antin.example", seal_certificate=None)
    digest = base64.b64decode(root.findtext(f".//{{{XADES}}}SigPolicyHash/{{{DS}}}DigestValue", ""))
    assert digest.hex() == made.policy_sha256
    assert root.findtext(f".//{{{VR}}}PolicyName") == made.policy_id


def test_the_signature_is_named_by_the_digest_of_what_was_signed(
    services: Services, portal: Caller, pki: DemoPki
) -> None:
    """TS 119 102-2 §4.2.3: two reports on one signature agree on it, whatever the file around it."""
    signed = sign_as(pki.holder("citizen"), unsigned_declaration())
    (contents,) = [one.contents for one in list_signatures(open_pdf(signed, None), 5).signatures]
    attributes = cms.ContentInfo.load(contents)["content"]["signer_infos"][0]["signed_attrs"].untag().dump()
    for data in (signed, signed + b"\n"):
        made = verify_document.verify_upload(services, portal, Upload(data, "to-khai.pdf"))
        (read,) = _schema_reads(etsi_report(services, portal, made.id, TEXTS)).signature_validation_report
        found = read.signature_identifier.digest_alg_and_value.digest_value.value
        assert found == hashlib.sha256(attributes).digest()


def test_the_report_says_what_the_verdict_says(services: Services, portal: Caller, pki: DemoPki) -> None:
    signed = sign_as(pki.holder("citizen"), unsigned_declaration())
    for data, indication, sub in (
        (signed, "total-passed", None),
        (forge(signed, unsigned_declaration("9.200")), "total-failed", "FORMAT_FAILURE"),
    ):
        made = verify_document.verify_upload(services, portal, Upload(data, "to-khai.pdf"))
        (read,) = _schema_reads(etsi_report(services, portal, made.id, TEXTS)).signature_validation_report
        status = read.signature_validation_status
        assert status.main_indication == f"urn:etsi:019102:mainindication:{indication}"
        assert status.sub_indication == (() if sub is None else (f"urn:etsi:019102:subindication:{sub}",))
        assert read.signers_document.digest_alg_and_value.digest_value.value == bytes.fromhex(made.document_sha256)
        assert read.signer_information.signer == "Nguyễn Văn Mẫu"


def test_an_unsealed_report_says_so(services: Services, portal: Caller) -> None:
    made = verify_document.verify_upload(services, portal, Upload(unsigned_declaration()))
    data = etsi_report(services, portal, made.id, TEXTS)
    root = etree.fromstring(data)
    assert root.find(f"{{{DS}}}Signature") is None
    assert "unsealed" in root.findtext(f".//{{{TSL}}}X509SubjectName", "")
    assert b"Unsealed" in data


@pytest.mark.parametrize("slug", ["agency", "citizen-ec"])
def test_a_sealed_report_passes_here_and_elsewhere(slug: str, services: Services, portal: Caller, pki: DemoPki) -> None:
    sealed = _sealing(services, pki, slug)
    made = verify_document.verify_upload(sealed, portal, Upload(sign_as(pki.holder("citizen"), unsigned_declaration())))
    data = etsi_report(sealed, portal, made.id, TEXTS)
    own = verify_document.verify_upload(sealed, portal, Upload(data, "report.xml")).report
    assert own.conclusion is Conclusion.TOTAL_PASSED, own.verdicts
    assert own.verdicts[0].facts.level == "XAdES-BASELINE-B"
    certificate = pki.holder(slug).certificate
    XMLVerifier().verify(data, x509_cert=certificate, expect_references=2)
    changed = data.replace(b"total-passed", b"total-failed", 1)
    assert verify_document.verify_upload(sealed, portal, Upload(changed)).report.conclusion is Conclusion.TOTAL_FAILED


def test_a_malformed_report_key_is_said_at_the_start(services: Services) -> None:
    with pytest.raises(SettingsError, match="report_key"):
        build_report_sealing(replace(services.settings, report_key={"kind": "paper"}), {}, _ledger(services))
