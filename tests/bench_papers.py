"""The papers that ``make bench`` has checked: signed visibly twice, of 60 pages, a scan of 16 MB."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image, ImageFilter
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo import documents
from demo.documents import Applicant
from demo.issuing import Holder

PAGES = 60
SCAN_BYTES = 16_000_000
SCAN_PX = (2480, 3508)
"""A4 at 300 dpi."""


def signed_visibly(document: bytes, *signers_: Holder) -> bytes:
    """Signed by one after the other, each with a picture at the foot of the first page."""
    for number, holder in enumerate(signers_):
        key = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        signer = signers.SimpleSigner(holder.asn1, PrivateKeyInfo.load(key), SimpleCertificateStore())
        name = f"Chuky{number + 1}"
        metadata = signers.PdfSignatureMetadata(
            field_name=name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
        )
        box = (60 + 240 * number, 60, 270 + 240 * number, 120)
        made = signers.PdfSigner(metadata, signer, new_field_spec=SigFieldSpec(name, on_page=0, box=box)).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(document))
        )
        document = bytes(made.getvalue())
    return document


def of_many_pages(applicant: Applicant) -> bytes:
    """A report of ``PAGES`` pages of text."""
    with pikepdf.Pdf.new() as whole:
        for number in range(PAGES):
            with pikepdf.open(io.BytesIO(documents.declaration(applicant, f"{number}.200"))) as one:
                whole.pages.extend(one.pages)
        del whole.pages[PAGES:]
        return _saved(whole)


def large_scan() -> bytes:
    """Pages of paper as a scanner stores them (JPEG), ``SCAN_BYTES`` together."""
    chance = np.random.default_rng(16)
    written = 0
    with pikepdf.Pdf.new() as pdf:
        while written < SCAN_BYTES:
            noise = chance.normal(225, 18, (SCAN_PX[1], SCAN_PX[0])).clip(0, 255).astype(np.uint8)
            picture = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(0.6)).convert("RGB")
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=80)
            written += len(out.getvalue())
            _add_picture(pdf, out.getvalue())
        return _saved(pdf)


def _add_picture(pdf: pikepdf.Pdf, jpeg: bytes) -> None:
    image = pdf.make_stream(jpeg)
    values = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB", "/Filter": "/DCTDecode"}
    for name, value in values.items():
        image[name] = pikepdf.Name(value)
    image["/Width"], image["/Height"], image["/BitsPerComponent"] = *SCAN_PX, 8
    page = pdf.add_blank_page(page_size=(595, 842))
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.obj["/Contents"] = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()
