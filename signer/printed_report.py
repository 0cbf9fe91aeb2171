"""Sets a verification's report on A4 pages with the fonts of the seal; what it says is decided elsewhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from signer.canvas import BLACK, LEADING, Canvas, Colour, FontObjects, Run
from signer.fonts import FontFiles, printable
from signer.geometry import MM, Rect

WIDTH, HEIGHT = 595.28, 841.89
"""A4 in points."""
LEFT, RIGHT, TOP, BOTTOM = 25 * MM, WIDTH - 20 * MM, HEIGHT - 20 * MM, 30 * MM
LABEL_WIDTH = 50 * MM
GAP = 3.0
FOOTER_SIZE = 8.0
GREY: Colour = (0.35, 0.35, 0.35)
RULE: Colour = (0.78, 0.78, 0.78)


class Tone(StrEnum):
    """How a line is coloured."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    IDLE = "idle"


_COLOURS: dict[Tone, Colour] = {
    Tone.OK: (0.05, 0.42, 0.16),
    Tone.WARN: (0.6, 0.35, 0.0),
    Tone.BAD: (0.7, 0.05, 0.05),
    Tone.IDLE: BLACK,
}


@dataclass(frozen=True)
class Line:
    """A paragraph, or with ``label`` a row of label and value. ``size`` and ``space_before`` in points.

    ``keep``: so much room must be left below, else it begins a new page (a heading does not stand alone).
    """

    text: str
    label: str | None = None
    size: float = 10.5
    bold: bool = False
    tone: Tone = Tone.IDLE
    centred: bool = False
    ruled: bool = False
    space_before: float = 0.0
    keep: float = 0.0


@dataclass(frozen=True)
class PrintedReport:
    """``title`` is the file's title; ``footer`` stands on every page, ``page_of`` counts (``{page}``, ``{pages}``)."""

    title: str
    lines: Sequence[Line]
    footer: Sequence[str]
    page_of: str


def print_report(report: PrintedReport, fonts: FontFiles) -> bytes:
    """The report as a PDF."""
    sheets = _Sheets(fonts)
    for line in report.lines:
        sheets.add(line)
    return _written(report, sheets.canvases, fonts)


class _Sheets:
    """Pages being filled from top to bottom."""

    def __init__(self, fonts: FontFiles) -> None:
        self._fonts = fonts
        self.canvases = [Canvas(fonts)]
        self._y = TOP

    def add(self, line: Line) -> None:
        """Set one line of the report; long ones run on, over the page's end too."""
        if self._y < TOP:
            self._y -= line.space_before
        if self._y - line.keep - line.size * LEADING < BOTTOM:
            self._next()
        if line.ruled:
            self.canvases[-1].rectangles([Rect(LEFT, self._y + 1, RIGHT, self._y + 1.5)], RULE)
            self._y -= GAP
        label = [] if line.label is None else self._wrap(line.label, LABEL_WIDTH - 2 * MM, line.size, bold=False)
        left = LEFT if line.label is None else LEFT + LABEL_WIDTH
        value = self._wrap(line.text, RIGHT - left, line.size, bold=line.bold)
        for index in range(max(len(label), len(value))):
            if self._y - line.size * LEADING < BOTTOM:
                self._next()
            base = self._y - line.size
            canvas = self.canvases[-1]
            if index < len(label):
                canvas.text(LEFT, base, label[index], line.size, GREY)
            if index < len(value):
                words = value[index]
                spare = (RIGHT - left - canvas.width(words, line.size)) / 2 if line.centred else 0.0
                canvas.text(left + spare, base, words, line.size, _COLOURS[line.tone])
            self._y -= line.size * LEADING
        self._y -= GAP

    def _next(self) -> None:
        self.canvases.append(Canvas(self._fonts))
        self._y = TOP

    def _wrap(self, text: str, width: float, size: float, *, bold: bool) -> list[list[Run]]:
        """Lines of the width; a digest or a name without a space is broken wherever the line ends."""
        face = self._fonts.bold if bold else self._fonts.regular
        canvas = self.canvases[-1]
        words = printable(face, text)
        lines: list[list[Run]] = []
        for line in canvas.wrapped([Run(words, bold)], width, size):
            rest = "".join(run.text for run in line)
            while (wide := canvas.width([Run(rest, bold)], size)) > width and len(rest) > 1:
                fits = max(1, int(len(rest) * width / wide))
                lines.append([Run(rest[:fits], bold)])
                rest = rest[fits:]
            lines += [[Run(rest, bold)]] if rest else []
        return lines


def _written(report: PrintedReport, canvases: Sequence[Canvas], fonts: FontFiles) -> bytes:
    writer = PdfFileWriter(stream_xrefs=False)
    known: FontObjects = ()
    for number, canvas in enumerate(canvases, 1):
        _footer(canvas, report, number, len(canvases), fonts)
        resources, known = canvas.resources(writer, known)
        content = generic.StreamObject(stream_data=canvas.stream)
        content.compress()
        page = PageObject(
            contents=writer.add_object(content),
            media_box=generic.ArrayObject(
                [generic.NumberObject(0)] * 2 + [generic.FloatObject(WIDTH), generic.FloatObject(HEIGHT)]
            ),
            resources=resources,
        )
        writer.insert_page(page)
    writer.root[pdf_name("/Lang")] = pdf_string("vi-VN")
    writer.root[pdf_name("/ViewerPreferences")] = generic.DictionaryObject(
        {pdf_name("/DisplayDocTitle"): generic.BooleanObject(True)}
    )
    writer.set_info(generic.DictionaryObject({pdf_name("/Title"): pdf_string(report.title)}))
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _footer(canvas: Canvas, report: PrintedReport, number: int, count: int, fonts: FontFiles) -> None:
    counted = report.page_of.format(page=number, pages=count)
    y = BOTTOM - 12
    canvas.rectangles([Rect(LEFT, y + 9, RIGHT, y + 9.5)], RULE)
    for line in (*report.footer, counted):
        canvas.text(LEFT, y, [Run(printable(fonts.regular, line))], FOOTER_SIZE, GREY)
        y -= FOOTER_SIZE * LEADING
