"""The pictures of seals and signatures: transparent PNG, their ink cut out and its colour looked at (NĐ 30/2020)."""

from __future__ import annotations

import io
from enum import StrEnum
from functools import lru_cache

import numpy as np
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.images import pil_image
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signer.refusal import RefusalCode, SealRefused

MAX_PICTURE_PIXELS = 16_000_000
"""Largest seal or signature picture: 4000 × 4000, 36 mm at 2800 dpi; beyond it is a mistake."""

OPAQUE = 24
"""Alpha (of 255) from which a pixel is ink."""

MOST_INK = 0.85
"""Share of its own box that the ink of a seal or a signature fills; more is a picture on a ground of its own."""

COLOUR_LEAD = 25
"""Levels of 255 by which the wanted colour leads the other one, on average over the ink."""


class Ink(StrEnum):
    """The colour that the law asks for."""

    BLUE = "blue"
    RED = "red"


def open_picture(png: bytes) -> Image.Image:
    """Decode an agency's picture.

    Raises:
        SealRefused: PICTURE-UNUSABLE, not a PNG or far too large.
    """
    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        if image.width * image.height > MAX_PICTURE_PIXELS:
            raise SealRefused(RefusalCode.PICTURE_UNUSABLE, (("reason", f"{image.width} × {image.height}"),))
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise SealRefused(RefusalCode.PICTURE_UNUSABLE, (("reason", type(error).__name__),)) from None
    return image.convert("RGBA")


@lru_cache(maxsize=32)
def inked_part(png: bytes) -> Image.Image:
    """The picture without its empty border: the size of a seal is the size of its ink.

    Raises:
        SealRefused: PICTURE-UNUSABLE.
    """
    image = open_picture(png)
    box = image.getchannel("A").point(lambda alpha: 255 if alpha >= OPAQUE else 0).getbbox()
    if box is None:
        raise SealRefused(RefusalCode.PICTURE_UNUSABLE, (("reason", "empty"),))
    return image.crop(box)


@lru_cache(maxsize=32)
def check_picture(png: bytes, ink: Ink) -> None:
    """A picture as the law asks for it: of that colour, on a transparent ground.

    Raises:
        SealRefused: PICTURE-UNUSABLE, PICTURE-NOT-TRANSPARENT, PICTURE-COLOUR.
    """
    image = inked_part(png).copy()
    image.thumbnail((400, 400))
    pixels = np.asarray(image, dtype=np.int32)
    inked = pixels[..., 3] >= OPAQUE
    if inked.mean() > MOST_INK:
        raise SealRefused(RefusalCode.PICTURE_NOT_TRANSPARENT)
    red, blue = (float(np.average(pixels[..., channel][inked], weights=pixels[..., 3][inked])) for channel in (0, 2))
    lead = blue - red if ink is Ink.BLUE else red - blue
    if lead < COLOUR_LEAD:
        raise SealRefused(RefusalCode.PICTURE_COLOUR, (("wanted", ink.value),))


def stencilled(image: Image.Image, writer: BasePdfFileWriter) -> generic.IndirectObject:
    """The picture with a mask of one bit in place of a soft one (ISO 32000-2 8.9.6.3), which PDF/A-1 forbids."""
    bare = image.getchannel("A").point(lambda alpha: 255 if alpha < 128 else 0).convert("1")
    mask = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): generic.NumberObject(image.width),
            pdf_name("/Height"): generic.NumberObject(image.height),
            pdf_name("/ImageMask"): generic.BooleanObject(True),
            pdf_name("/BitsPerComponent"): generic.NumberObject(1),
        },
        stream_data=bare.tobytes(),
    )
    mask.compress()
    reference: generic.IndirectObject = pil_image(image.convert("RGB"), writer)
    reference.get_object()[pdf_name("/Mask")] = writer.add_object(mask)
    return reference
