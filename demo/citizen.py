"""What a citizen's own signing program does: sign a PDF with the key of a certificate of the public regime."""

from __future__ import annotations

import io

from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.issuing import Holder


def sign_as(holder: Holder, document: bytes, field: str = "Signature1") -> bytes:
    """Sign a PDF as this holder (PAdES B-B); the CMS embeds the leaf only, as most real programs do."""
    key = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=holder.asn1,
        signing_key=asn1_keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=holder.asn1.subject.native.get("common_name"),
        location="Lai Châu",
    )
    signed = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(document)), metadata, signer=signer)
    return bytes(signed.getvalue())
