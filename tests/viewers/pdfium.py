"""Draws PDF files with PDFium, form fields filled in, one request a line on standard input (as ``pdfjs.mjs``).

Of its own, not the verifier's ``rendering``: what checks a verdict shares no drawing code with it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pypdfium2


def draw(file: str, out: str, dpi: float, password: str | None, pages: int) -> int:
    """Write each page as a portable pixmap; how many pages the file has."""
    document = pypdfium2.PdfDocument(Path(file).read_bytes(), password=password)
    try:
        document.init_forms()  # else no widget is drawn
        for index in range(min(len(document), pages)):
            Path(out, f"{index + 1}.ppm").write_bytes(_picture(document, index, dpi / 72))
        return len(document)
    finally:
        document.close()


def _picture(document: pypdfium2.PdfDocument, index: int, scale: float) -> bytes:
    """A page; nothing where PDFium counts a page but cannot load it."""
    try:
        bitmap = document[index].render(scale=scale, may_draw_forms=True, rev_byteorder=True)
    except pypdfium2.PdfiumError:
        return b""
    array = bitmap.to_numpy()[:, :, :3]
    return b"P6\n%d %d\n255\n" % (array.shape[1], array.shape[0]) + bytes(array.tobytes())


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        answer: dict[str, Any]
        try:
            answer = {"pages": draw(**json.loads(line))}
        except Exception as error:  # told to the asker
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
