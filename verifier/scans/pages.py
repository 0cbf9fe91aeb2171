"""Pages of a paper as pictures, from a PDF or a picture file, within limits. Runs in the worker process only."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from verifier.drawing.rendering import PasswordNeededError, RenderedDocument, RenderingError, Window
from verifier.formats import sniff
from verifier.report import DocumentFormat
from verifier.scans.flattening import FINE_DPI, MM_PER_INCH, WORKING_DPI, Grey, Picture, grey_of, resized

MAX_PAGES = 60
MAX_FILE_PIXELS = 100_000_000
"""Of one picture in a file, before it is decoded."""
MAX_PAGE_PIXELS = 12_000_000
"""Of one page as it is compared: A3 at the working resolution and half as much again."""
PLAUSIBLE_MM = (90.0, 450.0)
"""The long side of a paper; a file that says otherwise (a photo without scale) is taken for an A4 page."""
A4_LONG_MM = 297.0
FINE_SHARE = 0.97
"""Of ``FINE_DPI``: what a scanner calls 300."""
POINTS_PER_INCH = 72.0


class PagesError(Exception):
    """The file cannot be shown; ``code`` has a sentence in the catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class FinePage:
    """A page's lightness at ``FINE_DPI``, drawn a part at a time; ``ratio``: its pixels for each one of the raster.

    ``part`` raises ``PagesError`` where it cannot be drawn.
    """

    ratio: float
    part: Callable[[Window], Grey]


@dataclass(frozen=True)
class PageRaster:
    """A page as a picture.

    ``points_per_pixel`` leads to the contract's boxes (points on the page as displayed); at the working resolution a
    pixel is ``25.4 / WORKING_DPI`` millimetres of paper, known or assumed. ``fine`` is None where the file has no more;
    it is of use while the file is open.
    """

    picture: Picture
    points_per_pixel: float
    fine: FinePage | None = None


class Pages:
    """The pages of one file, drawn when asked for.

    Raises:
        PagesError: the file cannot be opened or exceeds the limits.
    """

    def __init__(self, data: bytes) -> None:
        self._document: RenderedDocument | None = None
        self._image: Image.Image | None = None
        if sniff(data).format is DocumentFormat.PDF:
            self._open_document(data)
        else:
            self._open_picture(data)
        if self.count > MAX_PAGES:
            self.close()
            raise PagesError("COMPARISON-TOO-MANY-PAGES")

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back."""
        if self._document is not None:
            self._document.close()
        if self._image is not None:
            self._image.close()

    def _open_document(self, data: bytes) -> None:
        try:
            self._document = RenderedDocument(data)
        except PasswordNeededError as error:
            raise PagesError("COMPARISON-PASSWORD") from error
        except RenderingError as error:
            raise PagesError("COMPARISON-FILE-DAMAGED") from error
        self.count = self._document.page_count

    def _open_picture(self, data: bytes) -> None:
        pillow_heif.register_heif_opener()
        try:
            with warnings.catch_warnings():  # from MAX_FILE_PIXELS on it is refused by name before it is decoded
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                self._image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "TIFF", "HEIF"))
            self.count = int(getattr(self._image, "n_frames", 1))
        except Image.DecompressionBombError as error:
            raise PagesError("COMPARISON-FILE-TOO-LARGE") from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError) as error:
            raise PagesError("COMPARISON-FILE-DAMAGED") from error

    def raster(self, index: int) -> PageRaster:
        """One page (counted from 0) at the working resolution.

        Raises:
            PagesError: it cannot be drawn, or is larger than any paper.
        """
        if self._document is not None:
            return _from_document(self._document, index)
        assert self._image is not None
        return _from_picture(self._image, index)


def working_scale(long_side: float, short_side: float, per_inch: float) -> float:
    """Working pixels for each unit of a page ``per_inch`` units to the inch, within the limit of pixels."""
    long_mm = long_side / per_inch * MM_PER_INCH
    if PLAUSIBLE_MM[0] <= long_mm <= PLAUSIBLE_MM[1]:
        scale = WORKING_DPI / per_inch
    else:
        scale = A4_LONG_MM / MM_PER_INCH * WORKING_DPI / long_side
    return min(scale, math.sqrt(MAX_PAGE_PIXELS / max(1.0, long_side * short_side)))


def _from_document(document: RenderedDocument, index: int) -> PageRaster:
    try:
        width, height = document.page_size(index)
        scale = working_scale(max(width, height, 1.0), max(1.0, min(width, height)), POINTS_PER_INCH)
        return PageRaster(document.picture(index, scale), 1 / scale, _fine_document(document, index, scale))
    except RenderingError as error:
        raise PagesError("COMPARISON-FILE-DAMAGED") from error


def _fine_document(document: RenderedDocument, index: int, scale: float) -> FinePage | None:
    """Where every picture on the page has that resolution by PDFium's word; a page of text alone has any."""
    fine = FINE_DPI / POINTS_PER_INCH
    least = min(document.picture_resolutions(index), default=FINE_DPI)
    if scale != WORKING_DPI / POINTS_PER_INCH or least < FINE_DPI * FINE_SHARE:
        return None

    def part(window: Window) -> Grey:
        try:
            return grey_of(document.picture(index, fine, window=window))
        except RenderingError as error:
            raise PagesError("COMPARISON-FILE-DAMAGED") from error

    return FinePage(fine / scale, part)


def _from_picture(image: Image.Image, index: int) -> PageRaster:
    if image.width * image.height > MAX_FILE_PIXELS:
        raise PagesError("COMPARISON-FILE-TOO-LARGE")
    dpi = _resolution(image)
    try:
        frame = image if index == 0 else ImageSequence.Iterator(image)[index]
        upright = ImageOps.exif_transpose(frame)
        if upright.has_transparency_data:
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
        picture = upright.convert("RGB")
    except (OSError, ValueError, SyntaxError, IndexError, RuntimeError, Image.DecompressionBombError) as error:
        raise PagesError("COMPARISON-FILE-DAMAGED") from error
    width, height = picture.size
    scale = working_scale(max(width, height), min(width, height), dpi or POINTS_PER_INCH)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size != picture.size and scale >= 1:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    pixels = np.asarray(picture, dtype=np.uint8)
    fine = _fine_picture(pixels, dpi, scale)
    if size != picture.size:
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return PageRaster(pixels, POINTS_PER_INCH / (dpi or POINTS_PER_INCH) / scale, fine)


def _fine_picture(pixels: Picture, dpi: float | None, scale: float) -> FinePage | None:
    if dpi is None or dpi < FINE_DPI * FINE_SHARE or scale != WORKING_DPI / dpi:
        return None
    grey = resized(grey_of(pixels), FINE_DPI / dpi)
    return FinePage(FINE_DPI / WORKING_DPI, lambda window: grey[window])


def _resolution(image: Image.Image) -> float | None:
    """Pixels per inch as the file says, None where it says none."""
    found = image.info.get("dpi")
    try:
        across = float(found[0]) if found else 0.0
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return across if 30 <= across <= 2400 else None
