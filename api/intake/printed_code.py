"""Find the code printed on a result: read the QR codes on a picture, or on the first page of a PDF.

Parses untrusted bytes: call it through ``LimitedWorkers.run``.
"""

from __future__ import annotations

import io

import pypdfium2
import zxingcpp
from PIL import Image

RENDER_DPI = 200
"""A module of our QR code is then four pixels wide; a phone's photo has about as many."""
MAX_SIDE_PX = 4000
"""A 12-megapixel photo is read as it is; anything larger is made smaller first."""


class NotAPicture(ValueError):  # noqa: N818 - named by what it is
    """The bytes are neither a picture nor a PDF that can be shown."""


def read_codes(data: bytes) -> tuple[str, ...]:
    """The texts of all QR codes that can be seen, in no particular order.

    Raises:
        NotAPicture: nothing can be seen at all.
    """
    picture = _first_page(data) if data.startswith(b"%PDF-") else _picture(data)
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return tuple(dict.fromkeys(code.text for code in found if code.valid))


def _picture(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data))
        picture.draft("L", (MAX_SIDE_PX, MAX_SIDE_PX))
        picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
        return picture.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture(str(error)) from error


def _first_page(data: bytes) -> Image.Image:
    try:
        with pypdfium2.PdfDocument(data) as document:
            page = document[0]
            scale = min(RENDER_DPI / 72, MAX_SIDE_PX / max(page.get_size()))
            picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
            return picture
    except (pypdfium2.PdfiumError, IndexError, ZeroDivisionError) as error:
        raise NotAPicture(str(error)) from error
