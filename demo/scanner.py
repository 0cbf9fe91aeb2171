"""Paper for the demo: a page printed and put on a scanner a little askew, and one forged before it was scanned."""

from __future__ import annotations

import io

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

DPI = 200
PAPER = (250, 248, 243)
GRAIN_LEVELS = 3.0
TONER_PX = 0.6


def scanned(page: Image.Image, seed: int, degrees: float) -> bytes:
    """A scan as the law asks for it: PDF, colour, 200 dpi, 100 %."""
    turned = page.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=PAPER)
    blurred = np.asarray(turned.filter(ImageFilter.GaussianBlur(TONER_PX)), dtype=np.float32)
    grain = np.random.default_rng(seed).normal(0, GRAIN_LEVELS, (*blurred.shape[:2], 1))
    seen = Image.fromarray(np.clip(blurred * (np.array(PAPER) / 255) + grain, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    seen.save(out, "PDF", resolution=DPI, quality=88)
    return out.getvalue()


def printed(pdf: bytes) -> Image.Image:
    """The first page as it comes out of the printer."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()  # else the seal, a field's appearance, is not printed
    try:
        picture: Image.Image = document[0].render(scale=DPI / 72, may_draw_forms=True).to_pil()
        return picture.convert("RGB")
    finally:
        document.close()


def forged(page: Image.Image, before: bytes, after: bytes) -> Image.Image:
    """The printed page with what differs between two drafts of it pasted over: no trace is left on paper."""
    drafts = [np.asarray(printed(draft).convert("L"), dtype=np.int16) for draft in (before, after)]
    rows, columns = np.nonzero(np.abs(drafts[0] - drafts[1]) > 40)
    box = (int(columns.min()) - 3, int(rows.min()) - 3, int(columns.max()) + 4, int(rows.max()) + 4)
    changed = page.copy()
    changed.paste(printed(after).crop(box), box)
    return changed
