"""Picture files: scale, colour and kind as the file says, never better."""

from __future__ import annotations

import io
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from tests.unit.verifier.scans.scan_maker import DPI, paper
from verifier.scans.intake import read_file, read_pages
from verifier.scans.picture_files import read_frame
from verifier.scans.report import Colour, ScanKind


def _stored(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _exif(**tags: Any) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Phone"
    exif[0x0112] = tags.get("orientation", 1)
    exif.get_ifd(0x8769)[0x829A] = (1, 50)
    return exif


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "BMP"])
def test_a_scanners_scale_is_kept(kind: str) -> None:
    frame = read_frame(_stored(paper(1), kind, dpi=(DPI, DPI)), 0)
    assert (frame.kind, frame.colour) == (ScanKind.SCAN, Colour.COLOUR)
    assert frame.dpi == pytest.approx((DPI, DPI), rel=0.001)
    assert frame.size_mm == pytest.approx((148, 210), abs=0.5)


def test_a_phones_scale_is_not_believed() -> None:
    frame = read_frame(_stored(paper(1), "JPEG", dpi=(300, 300), exif=_exif()), 0)
    assert (frame.kind, frame.dpi) == (ScanKind.PHOTO, None)


def test_a_heic_photo_is_read() -> None:
    pillow_heif.register_heif_opener()
    data = _stored(paper(1), "HEIF")
    assert read_file(data, None).pages == 1
    (page,) = read_pages(data, None, 0, 1)
    assert (page.kind, page.dpi, page.colour) == (ScanKind.PHOTO, None, Colour.COLOUR)


def test_every_page_of_a_tiff_is_read() -> None:
    more = [paper(2).convert("L"), paper(3).convert("1")]
    data = _stored(paper(1), "TIFF", save_all=True, append_images=more, dpi=(DPI, DPI))
    assert read_file(data, None).pages == 3
    pages = read_pages(data, None, 0, 3)
    assert [page.colour for page in pages] == [Colour.COLOUR, Colour.GREY, Colour.BILEVEL]
    assert all(page.dpi == (DPI, DPI) for page in pages)


def test_a_turned_photo_is_measured_upright() -> None:
    lying = paper(1).transpose(Image.Transpose.ROTATE_90)
    frame = read_frame(_stored(lying, "TIFF", dpi=(DPI, DPI), exif=_exif(orientation=6)), 0)
    assert frame.size_mm[0] < frame.size_mm[1]
    assert frame.drawn.shape[0] > frame.drawn.shape[1]


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16"])
def test_every_way_to_store_pixels_is_shown(mode: str) -> None:
    page = paper(1).convert("L").convert("I").point(lambda level: level * 256) if mode == "I;16" else paper(1)
    stored = _stored(page.convert(mode), "TIFF" if mode in ("CMYK", "I;16") else "PNG", dpi=(DPI, DPI))
    drawn = read_frame(stored, 0).drawn
    assert drawn.shape[2] == 3
    assert drawn.mean() > 180, "paper is light"
    assert drawn.min() < 120, "letters are dark"
