"""CMS signatures built by hand, so that each rule can be broken alone; and a way to put any CMS into a PDF."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from asn1crypto import algos, cms, core, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.general import as_signing_certificate, as_signing_certificate_v2
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from demo.issuing import Holder

Attribute = tuple[str, list[Any]]


@dataclass(frozen=True)
class Make:
    """How the CMS is built. ``change`` may alter the attributes before they are signed.

    ``content`` is what the attribute's digest is of (the encapsulated content, where there is one).
    """

    holder: Holder
    digest: str = "sha256"
    certificates: Sequence[x509.Certificate] | None = None
    encapsulated: bytes | None = None
    content_type: str = "data"
    ess: str | None = "v2"
    ess_of: Holder | None = None
    change: Callable[[list[Attribute]], list[Attribute]] = field(default=lambda attributes: attributes)
    sorted_attributes: bool = True
    with_attributes: bool = True
    signers: int = 1
    claimed: datetime | None = None
    crls: Sequence[bytes] = ()


def make_cms(make: Make, covered: bytes) -> bytes:
    """A ContentInfo over ``covered`` (the signed bytes of the PDF)."""
    content = covered if make.encapsulated is None else make.encapsulated
    signer_info = _signer_info(make, content)
    encapsulated: dict[str, Any] = {"content_type": make.content_type}
    if make.encapsulated is not None:
        octets = make.encapsulated
        encapsulated["content"] = octets if make.content_type == "data" else core.ParsableOctetString(octets)
    certificates = [make.holder.asn1] if make.certificates is None else make.certificates
    signed_data: dict[str, Any] = {
        "version": "v1" if make.content_type == "data" else "v3",
        "digest_algorithms": [{"algorithm": make.digest}],
        "encap_content_info": encapsulated,
        "certificates": [cms.CertificateChoices({"certificate": certificate}) for certificate in certificates],
        "signer_infos": [signer_info] * make.signers,
    }
    if make.crls:
        signed_data["crls"] = [cms.RevocationInfoChoice.load(data) for data in make.crls]
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed_data)}).dump())


def embed(
    document: bytes, build: Callable[[bytes], bytes], subfilter: str, name: str = "Signature1", date: str | None = None
) -> bytes:
    """Put ``build(covered bytes)`` into a new signature field, in a new revision."""
    output = io.BytesIO()
    steps = PdfCMSEmbedder().write_cms(name, IncrementalPdfFileWriter(io.BytesIO(document)))
    next(steps)
    named: Any = SimpleNamespace(value=pdf_name(f"/{subfilter}"))  # pyHanko's enum lacks the odd ones
    placeholder = PdfSignedData(pdf_name("/Sig"), named, bytes_reserved=16384)
    if date is not None:
        placeholder[pdf_name("/M")] = pdf_string(date)
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    prepared, _ = steps.send(SigIOSetup(md_algorithm="sha256", output=output))
    data = output.getvalue()
    start, end = prepared.reserved_region_start, prepared.reserved_region_end
    steps.send(build(data[:start] + data[end:]))
    return output.getvalue()


def _signer_info(make: Make, content: bytes) -> cms.SignerInfo:
    digest = hashlib.new(make.digest, content).digest()
    attributes = make.change(_attributes(make, digest)) if make.with_attributes else []
    encoded = [_attribute(name, values) for name, values in attributes]
    members = sorted(encoded) if make.sorted_attributes else sorted(encoded, reverse=True)
    body = b"".join(members)
    signed = core.Asn1Value(class_=0, tag=17, method=1, contents=body).dump() if make.with_attributes else content
    values: dict[str, Any] = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": make.holder.asn1.issuer,
                "serial_number": make.holder.asn1.serial_number,
            }
        },
        "digest_algorithm": {"algorithm": make.digest},
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": _algorithm(make)}),
        "signature": _value(make, signed),
    }
    if make.with_attributes:
        values["signed_attrs"] = cms.CMSAttributes.load(
            core.Asn1Value(class_=0, tag=17, method=1, contents=body).dump()
        )
    return cms.SignerInfo(values)


def _attributes(make: Make, digest: bytes) -> list[Attribute]:
    attributes: list[Attribute] = [("content_type", [make.content_type]), ("message_digest", [digest])]
    named = (make.ess_of or make.holder).asn1
    if make.ess == "v2":
        attributes.append(("signing_certificate_v2", [as_signing_certificate_v2(named)]))
    if make.ess == "v1":
        attributes.append(("signing_certificate", [as_signing_certificate(named)]))
    if make.claimed is not None:
        attributes.append(("signing_time", [cms.Time({"utc_time": make.claimed})]))
    return attributes


def _attribute(name: str, values: list[Any]) -> bytes:
    return bytes(cms.CMSAttribute({"type": name, "values": values}).dump())


def _algorithm(make: Make) -> str:
    return "rsassa_pkcs1v15" if isinstance(make.holder.key, rsa.RSAPrivateKey) else "ed25519"


def _value(make: Make, signed: bytes) -> bytes:
    key: Any = make.holder.key
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(signed)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("RSA and Ed25519 keys only")
    algorithm: hashes.HashAlgorithm = getattr(hashes, make.digest.upper())()
    return key.sign(signed, padding.PKCS1v15(), algorithm)
