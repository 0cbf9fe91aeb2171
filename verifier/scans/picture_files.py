"""Picture files that should be scanned papers: JPEG, PNG, TIFF with its pages, HEIC, BMP, WebP. Worker process only."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from verifier.guard import UnreadableError
from verifier.scans.flattening import Picture
from verifier.scans.geometry import MM_PER_INCH
from verifier.scans.report import Colour, ScanKind
from verifier.scans.structure import MAX_PIXELS, has_camera_data

FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "BMP", "WEBP")
LOSSY_CAPTURES = frozenset({"JPEG", "MPO", "HEIF", "WEBP"})
"""What cameras and messengers write; without a scale, a photo."""
DRAWN_DPI = 150.0
A4_LONG_MM = 297.0
UNSAID_DPI = 72.0
"""Assumed where a file names no scale (contract)."""
PLAUSIBLE_DPI = (50.0, 2400.0)
DEFAULT_DPI = (72.0, 96.0)
"""What programs write that know no scale."""
LONGEST_DEFAULT_MM = 450.0
"""A page that a default resolution would make longer than this has no scale."""


@dataclass(frozen=True)
class Frame:
    """One page of a picture file; ``drawn`` is at ``drawn_dpi``, true or for a page of A4's length.

    ``camera``: the file says that a camera took it.
    """

    kind: ScanKind
    dpi: tuple[float, float] | None
    size_mm: tuple[float, float]
    colour: Colour
    drawn: Picture
    drawn_dpi: float
    camera: bool = False


def frame_count(data: bytes) -> int:
    """How many pages the file has.

    Raises:
        UnreadableError: it is no picture that can be read, or too large to be opened.
    """
    with _opened(data) as image:
        return int(getattr(image, "n_frames", 1))


def read_frame(data: bytes, index: int) -> Frame:
    """Decode one page (counted from 0).

    Raises:
        UnreadableError: it is damaged or too large.
    """
    with _opened(data) as image:
        if index:
            image.seek(index)
        _refuse_large(image)
        camera = has_camera_data(image)
        known = None if camera else _resolution(image)
        colour = _colour(image)
        file_format = image.format or ""
        original = image.size
        if known is None and file_format == "JPEG":
            image.draft("RGB", (original[0] // 2, original[1] // 2))
        upright = _loaded(image)
    lies = (original[0] > original[1]) != (upright.width > upright.height)
    if lies:
        original = (original[1], original[0])
        known = None if known is None else (known[1], known[0])
    photo = camera or (known is None and file_format in LOSSY_CAPTURES)
    scale = known or (UNSAID_DPI, UNSAID_DPI)
    size_mm = original[0] / scale[0] * MM_PER_INCH, original[1] / scale[1] * MM_PER_INCH
    drawn, drawn_dpi = _drawn(upright, original, known)
    return Frame(ScanKind.PHOTO if photo else ScanKind.SCAN, known, size_mm, colour, drawn, drawn_dpi, camera)


def _opened(data: bytes) -> Image.Image:
    pillow_heif.register_heif_opener()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what is refused or reported here
        try:
            return Image.open(io.BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise UnreadableError("SCAN-PICTURE-TOO-LARGE", "header") from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError) as error:
            raise UnreadableError("SCAN-PICTURE-DAMAGED", type(error).__name__) from error


def _refuse_large(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableError("SCAN-PICTURE-TOO-LARGE", f"{image.width} × {image.height}")


def _loaded(image: Image.Image) -> Image.Image:
    """The decoded page as RGB on white paper, turned as its EXIF data says.

    Raises:
        UnreadableError: the picture is cut off or damaged.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            upright = ImageOps.exif_transpose(image)
            if upright.mode == "1":
                upright = upright.convert("L")
            if upright.mode.startswith("I") or upright.mode == "F":
                upright = upright.point(lambda level: level / 256).convert("L")
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                paper = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(paper, upright)
            return upright
        except (OSError, ValueError, SyntaxError, EOFError, IndexError, RuntimeError) as error:
            raise UnreadableError("SCAN-PICTURE-DAMAGED", type(error).__name__) from error


def _drawn(image: Image.Image, original: tuple[int, int], dpi: tuple[float, float] | None) -> tuple[Picture, float]:
    """The page at the drawing resolution, never enlarged."""
    across, down = dpi or (max(original) / A4_LONG_MM * MM_PER_INCH,) * 2
    drawn_dpi = min(DRAWN_DPI, across, down)
    size = (
        max(1, min(image.width, round(original[0] / across * drawn_dpi))),
        max(1, min(image.height, round(original[1] / down * drawn_dpi))),
    )
    small = image if size == image.size else image.resize(size, Image.Resampling.BOX)
    return np.asarray(small.convert("RGB"), dtype=np.uint8), drawn_dpi


def _resolution(image: Image.Image) -> tuple[float, float] | None:
    """Pixels per inch as the file says; None where it says none, or a program's default that cannot be true."""
    found = image.info.get("dpi")
    try:
        across, down = (float(value) for value in found) if found else (0.0, 0.0)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(PLAUSIBLE_DPI[0] <= value <= PLAUSIBLE_DPI[1] for value in (across, down)):
        return None
    default = any(abs(across - value) < 0.5 for value in DEFAULT_DPI)
    if default and max(image.width / across, image.height / down) * MM_PER_INCH > LONGEST_DEFAULT_MM:
        return None
    return across, down


def _colour(image: Image.Image) -> Colour:
    if image.mode == "1":
        return Colour.BILEVEL
    if image.mode in ("L", "LA", "La", "F") or image.mode.startswith("I"):
        return Colour.GREY
    if image.mode in ("P", "PA"):
        return _colour_of_palette(image)
    return Colour.COLOUR


def _colour_of_palette(image: Image.Image) -> Colour:
    palette = image.getpalette("RGB") or []
    colours = [palette[i : i + 3] for i in range(0, len(palette) - 2, 3)]
    if any(max(colour) - min(colour) > 8 for colour in colours):
        return Colour.COLOUR
    return Colour.BILEVEL if len(colours) <= 2 else Colour.GREY
