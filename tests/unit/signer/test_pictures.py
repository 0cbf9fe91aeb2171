"""Pictures of seals as they are embedded: the colour of their ink up to its edge, at any size they are shown."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pyhanko.pdf_utils import generic, writer

from signer.pictures import write_picture
from verifier.drawing.rendering import Picture, RenderedDocument

RED = (204, 0, 0)
SIDE_PT = 90.0


def ring_png(under: tuple[int, int, int]) -> bytes:
    """A thin ring of red ink, smooth at its edges; what is transparent has a colour that nobody sees."""
    drawn = Image.new("L", (1600, 1600), 0)
    ImageDraw.Draw(drawn).ellipse((20, 20, 1580, 1580), outline=255, width=24)
    alpha = drawn.resize((800, 800), Image.Resampling.BOX)
    image = Image.new("RGBA", (800, 800), (*under, 0))
    image.paste(Image.new("RGBA", (800, 800), (*RED, 255)), mask=alpha.point(lambda value: 255 if value else 0))
    image.putalpha(alpha)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def drawn(png: bytes, scale: float, *, transparency: bool = True) -> Picture:
    made = writer.PdfFileWriter()
    picture = write_picture(png, made, transparency=transparency)
    content = generic.StreamObject(stream_data=b"%.1f 0 0 %.1f 0 0 cm /P Do" % (SIDE_PT, SIDE_PT))
    pictures = generic.DictionaryObject({generic.pdf_name("/P"): picture})
    page = writer.PageObject(
        contents=made.add_object(content),
        media_box=(0, 0, SIDE_PT, SIDE_PT),
        resources=generic.DictionaryObject({generic.pdf_name("/XObject"): pictures}),
    )
    made.insert_page(page)
    buffer = io.BytesIO()
    made.write(buffer)
    with RenderedDocument(buffer.getvalue()) as document:
        return document.picture(0, scale)


@pytest.mark.parametrize("under", [(0, 0, 0), (255, 255, 255), (0, 160, 0)])
@pytest.mark.parametrize("scale", [0.7, 1.0, 1.33, 4.0])
def test_edges_have_the_inks_colour(under: tuple[int, int, int], scale: float) -> None:
    """Red ink over white paper is red of some strength: green and blue alike, and never less red than the ink."""
    pixels = drawn(ring_png(under), scale).astype(int)
    strength = (255 - pixels[..., 1]) / 255
    assert strength.max() > 0.4
    wanted = 255 - strength * (255 - RED[0])
    assert np.abs(pixels[..., 0] - wanted).max() <= 4
    assert np.abs(pixels[..., 1] - pixels[..., 2]).max() <= 4


def test_without_transparency_the_ink_is_there_as_well() -> None:
    pixels = drawn(ring_png((0, 0, 0)), 4.0, transparency=False).astype(int)
    inked = pixels[..., 1] < 64
    assert inked.mean() > 0.02
    assert np.abs(pixels[inked] - RED).max() <= 64
