"""Signed PDFs of every make, by pyHanko's own signer with the demo's keys; times and evidence as a test wants them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pikepdf
from asn1crypto import cms, crl, keys, ocsp
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certs.revocation import RevocationSource
from demo.issuing import Holder
from demo.pki import DemoPki
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.report import SignatureVerdict, ValidationReport
from verifier.verify import verify_document


def now() -> datetime:
    """The time of the test, to the second, as certificates and time stamps know it."""
    return datetime.now(UTC).replace(microsecond=0)


def environment(pki: DemoPki, sources: Iterable[RevocationSource] | None = None) -> Environment:
    """The demo's trust under the current policy; statuses online unless said otherwise."""
    chosen = (pki.online(),) if sources is None else tuple(sources)
    return Environment(load_policy(), pki.trust_store(), pki.catalogue(), chosen)


def without_status(pki: DemoPki) -> Environment:
    """The demo's trust without any question of status: only structure decides."""
    return Environment(load_policy().skipping_revocation(), pki.trust_store(), pki.catalogue())


def blank_paper(pages: int = 1) -> bytes:
    """An unsigned PDF with a line of text on each page."""
    document = pikepdf.new()
    for number in range(pages):
        document.add_blank_page(page_size=(300, 200))
        content = f"0 0 1 rg 40 {60 + number} 100 40 re f".encode()
        document.pages[number].Contents = document.make_stream(content)
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


@dataclass(frozen=True)
class Signing:
    """One signature to be made. ``stamped_at`` gives it a signature time stamp of that time."""

    holder: Holder
    field: str = "Signature1"
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES
    stamped_at: datetime | None = None
    stamper: Holder | None = None
    signed_at: datetime | None = None
    with_chain: bool = False
    digest: str = "sha256"


def sign(document: bytes, signing: Signing) -> bytes:
    """Add a signature in a new revision."""
    signer = _BackdatedSigner(
        signing_cert=signing.holder.asn1,
        signing_key=_private_key(signing.holder),
        cert_registry=_registry(signing.holder.asn1_chain if signing.with_chain else ()),
    )
    signer.claimed = signing.signed_at
    stamper = None
    if signing.stamped_at is not None and signing.stamper is not None:
        stamper = time_stamper(signing.stamper, signing.stamped_at)
    metadata = signers.PdfSignatureMetadata(
        field_name=signing.field, md_algorithm=signing.digest, subfilter=signing.subfilter
    )
    output = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(document)), metadata, signer=signer, timestamper=stamper
    )
    return bytes(output.getvalue())


def stamp(document: bytes, authority: Holder, at: datetime) -> bytes:
    """Add a document time stamp in a new revision."""
    stamper = signers.PdfTimeStamper(time_stamper(authority, at))
    output = stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(document)), "sha256")
    return bytes(output.getvalue())


def add_dss(document: bytes, certificates: Iterable[Holder], crls: Iterable[bytes], ocsps: Iterable[bytes]) -> bytes:
    """Add a DSS dictionary with this evidence in a new revision."""
    output = io.BytesIO(document)
    chain = [certificate for holder in certificates for certificate in (holder.asn1, *holder.asn1_chain)]
    DocumentSecurityStore.add_dss(
        output,
        sig_contents=None,
        certs=chain,
        crls=[crl.CertificateList.load(data) for data in crls],
        ocsps=[ocsp.OCSPResponse.load(data) for data in ocsps],
    )
    return output.getvalue()


def append_page_change(document: bytes) -> bytes:
    """What a forger does: another rectangle on the first page, in a revision after the signature."""
    pdf = IncrementalPdfFileWriter(io.BytesIO(document))
    page = pdf.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = pdf.add_object(generic.StreamObject(stream_data=b"1 0 0 rg 10 10 250 150 re f"))
    pdf.mark_update(page.container_ref)
    output = io.BytesIO()
    pdf.write(output)
    return output.getvalue()


def time_stamper(authority: Holder, at: datetime) -> DummyTimeStamper:
    """pyHanko's own authority, at a time of our choice."""
    registry = _registry(authority.asn1_chain[:-1])
    return DummyTimeStamper(authority.asn1, _private_key(authority), certs_to_embed=registry, fixed_dt=at)


def verdicts(
    document: bytes, judged_with: Environment, at: datetime | None = None, received_at: datetime | None = None
) -> tuple[ValidationReport, tuple[SignatureVerdict, ...]]:
    """Verify in this process."""
    report = verify_document(VerificationInput(document, received_at=received_at), judged_with, at or now())
    return report, report.verdicts


def judge(
    document: bytes, judged_with: Environment, at: datetime | None = None, content: bytes | None = None
) -> ValidationReport:
    """Verify in this process; ``content`` is what a detached CMS signs."""
    return verify_document(VerificationInput(document, content=content), judged_with, at or now())


def only(
    document: bytes, judged_with: Environment, at: datetime | None = None, content: bytes | None = None
) -> SignatureVerdict:
    """The verdict on the one signature of a document."""
    (verdict,) = judge(document, judged_with, at, content).verdicts
    return verdict


def codes(verdict: SignatureVerdict) -> set[str]:
    """The finding codes of a verdict."""
    return {finding.code for finding in verdict.findings}


class _BackdatedSigner(signers.SimpleSigner):
    """Claims the signing time it is told to."""

    claimed: datetime | None = None

    async def signed_attrs(self, *args: Any, **kwargs: Any) -> cms.CMSAttributes:
        """Add or replace the claimed time."""
        attributes = await super().signed_attrs(*args, **kwargs)
        if self.claimed is None:
            return attributes
        kept = [a for a in attributes if a["type"].native != "signing_time"]
        time = cms.CMSAttribute(
            {"type": "signing_time", "values": [cms.Time({"utc_time": self.claimed.astimezone(UTC)})]}
        )
        return cms.CMSAttributes([*kept, time])


def _private_key(holder: Holder) -> keys.PrivateKeyInfo:
    der = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return keys.PrivateKeyInfo.load(der)


def _registry(certificates: Iterable[object]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()
    store.register_multiple(certificates)
    return store
