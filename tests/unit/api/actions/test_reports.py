"""The ETSI report: read by the schema's own classes, true to the verdict, sealed so that our verifier passes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
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
from api.report_xml import DS, TSL, VR, report_xml, to_bytes
from api.services import Services
from api.settings import SettingsError
from demo.citizen import sign_as
from demo.documents import forge
from demo.pki import DemoPki
from tests.installation import unsigned_declaration
from tests.unit.api.report_samples import BROKEN, PASSED, STATUS_UNKNOWN, report
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
