"""The papers of this practice before anybody signs: heads as agencies write them, annexes, scans."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pikepdf

from tests.attacks.ink_making import A4, Item, Text, scanned, sheet, text_width

PROVINCE, OFFICE, LEADER_NAME = "UBND TỈNH DEMO", "SỞ XÂY DỰNG DEMO", "Phạm Thị Mẫu"
END, RECIPIENTS_END = "Nơi nhận chịu trách nhiệm thi hành./.", "- Lưu: VT, QLN."
END_X, END_Y = 85.0, 540.0
RECIPIENTS_Y = 250.0
AMOUNT = "Số tiền hỗ trợ: 1.000.000"
AMOUNT_Y = 600.0
COST = "Số tiền phạt:            đồng"
COST_Y = 560.0
LANDSCAPE = (A4[1], A4[0])


@dataclass(frozen=True)
class Head:
    """A head's lines: agency names top left, number and date with what stands around their blanks.

    ``number``: before and after its blank. ``date``: before the day, before the month, before the year, after it.
    A gap between two of them is a blank as wide as ``room``, of ``leaders``, unless ``written`` fills it.
    """

    above: tuple[str, ...] = (PROVINCE, OFFICE)
    number: tuple[str, str] = ("Số: ", "/SXD-QLN")
    date: tuple[str, str, str, str] = ("Lai Châu, ngày ", " tháng ", " năm 2026", "")
    written: tuple[str, str, str, str] = ("", "", "", "")
    """Number, day, month and year that are printed already."""
    leaders: str = " "
    size: float = 13.0
    font: str = "regular"
    slanted: str = "italic"
    party: bool = False
    number_x: float = 95.0
    date_x: float = 305.0
    y: float = 740.0

    def gap(self, part: int) -> str:
        """What stands in the blank of the number (0), day (1), month (2) or year (3)."""
        if self.written[part]:
            return self.written[part]
        if part == 3 and not self.date[3] and not self.date[2].endswith("20"):
            return ""
        font = self.font if part == 0 else self.slanted
        room = (38.0, 21.0, 21.0, 21.0)[part]
        count = 1
        while text_width(self.leaders * count, self.size, font) < room:
            count += 1
        return self.leaders * count

    @property
    def number_line(self) -> str:
        """The number's line."""
        return self.number[0] + self.gap(0) + self.number[1]

    @property
    def date_line(self) -> str:
        """The date's line."""
        return "".join(self.date[part] + self.gap(part + 1) for part in range(3)) + self.date[3]

    def place(self, part: int) -> tuple[float, float]:
        """Where a blank begins, and how wide it is."""
        if part == 0:
            left, font = self.number_x + text_width(self.number[0], self.size, self.font), self.font
        else:
            before = "".join(self.date[one] + self.gap(one + 1) for one in range(part - 1)) + self.date[part - 1]
            left, font = self.date_x + text_width(before, self.size, self.slanted), self.slanted
        return left, text_width(self.gap(part), self.size, font)

    def items(self) -> list[Item]:
        """The head's lines of text."""
        state = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
        right = ("ĐẢNG CỘNG SẢN VIỆT NAM", "") if self.party else state
        names = [
            Text(95, 780 - 15 * n, line, 12, "bold" if n else "regular") for n, line in enumerate(self.above) if line
        ]
        return [
            *names,
            Text(self.number_x, self.y, self.number_line, self.size, self.font),
            *[Text(295 + 35 * n, 780 - 15 * n, line, 12, "bold") for n, line in enumerate(right) if line],
            Text(self.date_x, self.y, self.date_line, self.size, self.slanted),
        ]


HEADS: dict[str, Head] = {
    "blanks": Head(),
    "dots": Head(leaders="."),
    "ellipsis": Head(leaders="…"),
    "underscores": Head(leaders="_"),
    "written": Head(written=("118", "24", "06", "")),
    "two lines": Head(above=("ỦY BAN NHÂN DÂN", "TỈNH DEMO"), number=("Số: ", "/QĐ-UBND")),
    "three lines": Head(above=("UBND TỈNH DEMO", "SỞ XÂY DỰNG DEMO", "CHI CỤC GIÁM ĐỊNH"), y=725.0),
    "year in the sign": Head(number=("Số: ", "/2026/QĐ-UBND")),
    "no colon": Head(number=("Số ", "/SXD-QLN")),
    "capitals": Head(number=("SỐ: ", "/TB-SXD"), date=("LAI CHÂU, NGÀY ", " THÁNG ", " NĂM 2026", ""), size=11.0),
    "party": Head(above=("TỈNH ỦY DEMO", "BAN TỔ CHỨC"), number=("Số ", "-CV/BTCTU"), party=True),
    "month printed": Head(written=("", "", "6", "")),
    "day printed": Head(written=("", "24", "", "")),
    "year blank": Head(date=("Hà Nội, ngày ", " tháng ", " năm 20", "")),
    "large": Head(size=14.0, date_x=290.0),
    "small": Head(size=11.0),
    "sans": Head(font="sans", slanted="sans-italic", size=12.0, date_x=290.0),
    "city": Head(date=("Thành phố Hồ Chí Minh, ngày ", " tháng ", " năm 2026", ""), size=12.0, date_x=270.0),
}
SCANNED = ("blanks", "dots", "two lines", "year in the sign", "large", "month printed", "city")
"""Heads that are tried on scans too."""


@dataclass(frozen=True)
class Paper:
    """A letter: its head, whether it is a scan (of which resolution and noise), and the pages behind it."""

    head: str = "blanks"
    scan: bool = False
    dpi: int = 200
    noise: int = 6
    behind: str = ""
    """``annex`` upright, ``wide`` for an annex in landscape, ``turned`` for one by /Rotate, ``letter`` for a second
    letter with a head of its own."""

    @property
    def of(self) -> Head:
        """Its head."""
        return HEADS[self.head]

    @property
    def name(self) -> str:
        """For a case's name."""
        scan = f" scanned at {self.dpi}{f' noise {self.noise}' * (self.noise != 6)}" * self.scan
        return f"{self.head}{scan}{f', with {self.behind}' * bool(self.behind)}"


def body() -> list[Item]:
    """The letter's text, its recipients and the leader's block."""
    return [
        Text(85, 640, "Điều 1. Hỗ trợ cho ông Nguyễn Văn Mẫu theo hồ sơ đã nộp."),
        Text(85, 620, "Điều 2. Bên B không được chuyển nhượng quyền này."),
        Text(85, AMOUNT_Y, AMOUNT),
        Text(85, 580, "Thời hạn: 10 năm kể từ ngày ký. Nhiệt độ: -5 độ."),
        Text(85, COST_Y, COST),
        Text(END_X, END_Y, END),
        Text(85, 320, "Nơi nhận:", 12, "bold"),
        Text(85, 295, "- Như trên;", 11),
        Text(85, 272, "- UBND tỉnh (để báo cáo);", 11),
        Text(85, RECIPIENTS_Y, RECIPIENTS_END, 11),
        Text(360, 320, "KT. GIÁM ĐỐC", 13, "bold"),
        Text(358, 303, "PHÓ GIÁM ĐỐC", 13, "bold"),
        Text(365, 215, LEADER_NAME, 13, "bold"),
    ]


def annex(size: tuple[float, float] = A4) -> bytes:
    """An annex: its title on top, a table's lines below."""
    top = size[1]
    lines = [
        Text(200, top - 62, "PHỤ LỤC I", 13, "bold"),
        Text(130, top - 80, "DANH SÁCH HỘ ĐƯỢC HỖ TRỢ", 13, "bold"),
        Text(110, top - 98, "(Kèm theo Công văn số        /SXD-QLN ngày      tháng      năm 2026)", 11, "italic"),
        *[Text(90, top - 190 - 22 * n, f"{n}. Nguyễn Văn Mẫu, {n}00.000 đồng", 12) for n in range(1, 9)],
    ]
    return sheet(lines, size)


@cache
def made(paper: Paper) -> bytes:
    """The paper as a file."""
    first = sheet([*paper.of.items(), *body()])
    pages = [scanned(first, noise=paper.noise, dpi=paper.dpi) if paper.scan else first]
    match paper.behind:
        case "annex":
            pages.append(annex())
        case "wide":
            pages.append(annex(LANDSCAPE))
        case "turned":
            pages.append(_turned(annex(LANDSCAPE)))
        case "letter":
            pages.append(sheet([*HEADS["two lines"].items(), *body()]))
    return pages[0] if len(pages) == 1 else _bound(pages)


def _turned(page: bytes) -> bytes:
    """The same sight by a page that lies on its side and is turned for display."""
    with pikepdf.open(io.BytesIO(page)) as pdf:
        sheet_, (width, height) = pdf.pages[0], LANDSCAPE
        sheet_.contents_add(b"q 0 1 -1 0 %d 0 cm" % round(height), prepend=True)
        sheet_.contents_add(b"Q", prepend=False)
        sheet_.obj.MediaBox = pikepdf.Array([0, 0, round(height), round(width)])
        sheet_.obj.Rotate = 90
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return out.getvalue()


def _bound(pages: Sequence[bytes]) -> bytes:
    whole = pikepdf.new()
    for page in pages:
        with pikepdf.open(io.BytesIO(page)) as pdf:
            whole.pages.extend(pdf.pages)
    out = io.BytesIO()
    whole.save(out, static_id=True)
    return out.getvalue()
