"""Papers of odd shapes, and what a person sees of them (rendered by PDFium, read by poppler)."""

from __future__ import annotations

import asyncio
import io
import subprocess
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pikepdf
import zxingcpp
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from signer.appearance import SealDrawing
from signer.fields import FieldPlan, prepare_signature
from signer.fonts import FontFiles
from signer.geometry import Rect
from signer.keys import DIGEST, KeySigner, SigningKey
from verifier.drawing.rendering import RenderedDocument

AT = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
PRINTED_AT = "18.11.2026 09:30:00 +07:00"


def reshaped(document: bytes, entries: dict[str, object], content: bytes | None = None) -> bytes:
    """The document with entries set on its last page (``Rotate``, ``CropBox``), its content replaced or kept."""
    with pikepdf.open(io.BytesIO(document)) as opened:
        page = opened.pages[-1]
        for name, value in entries.items():
            page[f"/{name}"] = pikepdf.Array(value) if isinstance(value, list) else value
        if content is not None:
            page.Contents = opened.make_stream(content)
        output = io.BytesIO()
        opened.save(output)
    return output.getvalue()


def joined(*documents: bytes) -> bytes:
    """All pages of several documents as one."""
    result = pikepdf.new()
    for document in documents:
        with pikepdf.open(io.BytesIO(document)) as part:
            result.pages.extend(part.pages)
    output = io.BytesIO()
    result.save(output)
    return output.getvalue()


def picture(document: bytes, page: int = 0, dpi: float = 150.0) -> npt.NDArray[np.uint8]:
    """A page as it is displayed: rows, columns, red green blue."""
    with RenderedDocument(document) as rendered:
        return rendered.picture(page, dpi / 72)


def part(shown: npt.NDArray[np.uint8], box: Rect, size: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """The pixels of a displayed box (points, origin bottom left) of a page of that size."""
    rows, columns = shown.shape[:2]
    sx, sy = columns / size[0], rows / size[1]
    top, bottom = int((size[1] - box.y1) * sy), int((size[1] - box.y0) * sy)
    return shown[max(top, 0) : bottom, max(int(box.x0 * sx), 0) : int(box.x1 * sx)]


def codes(shown: npt.NDArray[np.uint8]) -> list[str]:
    """The texts of all QR codes in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(shown)]


def text(document: bytes, page: int = 1) -> str:
    """What pdftotext extracts from a page, NFC, white space squeezed."""
    command = ["pdftotext", "-raw", "-f", str(page), "-l", str(page), "-", "-"]
    done = subprocess.run(command, input=document, capture_output=True, check=True)
    return " ".join(unicodedata.normalize("NFC", done.stdout.decode("utf-8")).split())


def inked(shown: npt.NDArray[np.uint8], where: Iterable[int] = (0, 1, 2)) -> float:
    """Share of pixels that are not paper, by the given colour channels."""
    return float((shown[..., list(where)].min(axis=-1) < 160).mean())


def signed_once(document: bytes, drawing: SealDrawing, key: SigningKey, fonts: FontFiles) -> bytes:
    """The document with one signature, as another office's program would have left it."""
    box = Rect(100, 100, 100 + drawing.size[0], 100 + drawing.size[1])
    prepared = prepare_signature(document, FieldPlan("Sig1", 0, box, drawing), 6000, fonts, ())
    signing = KeySigner(key, key.chain).async_sign(
        prepared.digest, DIGEST, use_pades=True, signed_attr_settings=PdfCMSSignedAttributes()
    )
    return prepared.fill(asyncio.run(signing).dump())
