"""Vietnamese administrative papers as layouts in millimetres (A4), from a seed: four templates in Tinos."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import ImageFont

MASTER_DPI = 400
PER_MM = MASTER_DPI / 25.4
PAGE_MM = (210.0, 297.0)
FONTS = Path("/usr/share/fonts/truetype/croscore")
STYLES = {"r": "Regular", "b": "Bold", "i": "Italic"}
MM_PER_POINT = 0.3528

FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
]
MIDDLE = ["Văn", "Thị", "Hữu", "Đức", "Ngọc", "Minh", "Thanh", "Xuân", "Quốc", "Bích", "Hồng", "Kim"]
GIVEN = [
    "An",
    "Ân",
    "Bình",
    "Hòa",
    "Hóa",
    "Lan",
    "Lân",
    "Mai",
    "Mão",
    "Hùng",
    "Hưng",
    "Hương",
    "Phượng",
    "Tuấn",
    "Tuân",
    "Thắng",
    "Thăng",
    "Trường",
    "Quỳnh",
    "Yến",
    "Đạt",
    "Loan",
    "Ánh",
    "Sơn",
    "Tú",
    "Tư",
    "Vân",
    "Văn",
]
COMMUNES = ("Phước Hòa", "Tân Hiệp", "Hòa Khánh", "Mỹ Thạnh", "Bình Lộc", "Đông Hải", "Cẩm Thủy", "Lộc Ninh", "An Phú")
PROVINCES = ("Đồng Nai", "Quảng Trị", "Lâm Đồng", "Cà Mau", "Nghệ An", "Đắk Lắk", "Thanh Hóa", "Gia Lai", "Vĩnh Long")
SENTENCES = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Giao cho Văn phòng Ủy ban nhân dân phối hợp với các đơn vị có liên quan tổ chức thực hiện, theo dõi, đôn đốc và "
    "báo cáo kết quả theo quy định.",
    "Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng, Trưởng các phòng ban và các cá nhân có liên quan chịu "
    "trách nhiệm thi hành Quyết định này.",
    "Người sử dụng đất có trách nhiệm kê khai, nộp lệ phí trước bạ và thực hiện các nghĩa vụ tài chính khác theo quy "
    "định của pháp luật về đất đai.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các cơ quan, đơn vị phản ánh kịp thời về Ủy ban nhân dân "
    "để được hướng dẫn, giải quyết.",
)
Random = random.Random


@cache
def font(style: str, points: float) -> ImageFont.FreeTypeFont:
    """Tinos: the metrics of Times New Roman, with every Vietnamese letter."""
    return ImageFont.truetype(FONTS / f"Tinos-{STYLES[style]}.ttf", round(points * MASTER_DPI / 72))


def width_mm(text: str, style: str, points: float) -> float:
    """How wide a text is printed."""
    return float(font(style, points).getlength(text)) / PER_MM


@dataclass
class Word:
    """A text at (x, y) mm; ``kind`` names what it says where a forger would change it; ``line`` groups for erasing."""

    text: str
    x: float
    y: float
    style: str = "r"
    points: float = 13
    kind: str | None = None
    line: str | None = None


@dataclass(frozen=True)
class Rule:
    """A straight line; mm."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float


@dataclass(frozen=True)
class Seal:
    """A red round seal of 35 mm at its centre."""

    x: float
    y: float
    seed: int
    degrees: float


@dataclass(frozen=True)
class Signature:
    """A blue stroke at its centre."""

    x: float
    y: float
    seed: int
    scale: float = 1.0


@dataclass
class Sheet:
    """Everything printed on one page."""

    words: list[Word] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)

    def centred(self, y: float, text: str, style: str, points: float, x: float = 105, kind: str | None = None) -> None:
        """A line centred at x."""
        self.words.append(Word(text, x - width_mm(text, style, points) / 2, y, style, points, kind))

    def frame(self, x0: float, y0: float, x1: float, y1: float, width: float) -> None:
        """Four rules."""
        for each in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
            self.rules.append(Rule(*each, width))

    def flow(self, y: float, parts: list[tuple[str, str | None]], points: float = 13) -> float:
        """Words wrapped between 20 and 190 mm, the first line indented; the y below."""
        x, space, lead = 28.0, width_mm(" ", "r", points), 0.51 * points
        for text, kind in parts:
            for word in [text] if kind else text.split(" "):
                width = width_mm(word, "r", points)
                if x + width > 190:
                    x, y = 20.0, y + lead
                self.words.append(Word(word, x, y, "r", points, kind, f"line {y:.1f}"))
                x += width + space
        return y + lead


def name(r: Random) -> str:
    """A person."""
    return f"{r.choice(FAMILY)} {r.choice(MIDDLE)} {r.choice(GIVEN)}"


def number(r: Random) -> str:
    """A citizen's number."""
    return "".join(r.choice("0123456789") for _ in range(12))


def date(r: Random) -> str:
    """Of birth or issue."""
    return f"{r.randint(1, 28):02d}/{r.randint(1, 12):02d}/{r.randint(1950, 2025)}"


def money(r: Random) -> str:
    """An amount in đồng."""
    return f"{r.randint(1, 999)}.{r.randint(0, 999):03d}.000"


def _head(sheet: Sheet, r: Random) -> None:
    sheet.centred(20, "ỦY BAN NHÂN DÂN", "r", 12, 58)
    sheet.centred(25.5, f"XÃ {r.choice(COMMUNES).upper()}", "b", 12, 58)
    sheet.centred(20, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "b", 12, 145)
    sheet.centred(25.5, "Độc lập - Tự do - Hạnh phúc", "b", 13, 145)
    sheet.rules += [Rule(115, 32, 175, 32, 0.35), Rule(44, 32, 72, 32, 0.35)]
    sheet.centred(35, f"Số: {r.randint(10, 999)}/QĐ-UBND", "r", 13, 58, "number")
    day = f"ngày {r.randint(1, 28):02d} tháng {r.randint(1, 12):02d} năm 202{r.randint(0, 6)}"
    sheet.centred(35, f"{r.choice(PROVINCES)}, {day}", "i", 13, 145, "date")


def _foot(sheet: Sheet, r: Random, y: float) -> None:
    y = max(y + 4, 205)
    sheet.centred(y, "TM. ỦY BAN NHÂN DÂN", "b", 13, 150)
    sheet.centred(y + 6, "CHỦ TỊCH", "b", 13, 150)
    sheet.signatures.append(Signature(150, y + 21, r.randint(0, 10**6)))
    sheet.seals.append(Seal(134, y + 20, r.randint(0, 10**6), r.uniform(-25, 25)))
    sheet.centred(y + 35, name(r), "b", 13, 150, "name")
    for row, text in enumerate(("Nơi nhận:", "- Như trên;", "- Ông (bà)", "- Lưu: VT, VP.")):
        sheet.words.append(Word(text, 20, y + 8 + row * 5, "i" if row == 0 else "r", 11))
    sheet.words.append(Word(name(r), 22 + width_mm("- Ông (bà)", "r", 11), y + 18, "r", 11, "name"))
    for _ in range(r.choice((0, 0, 0, 1, 2))):  # notes by hand, in the margin or over the text: part of the paper
        sheet.signatures.append(
            Signature(r.uniform(20, 190), r.uniform(45, 280), r.randint(0, 10**6), r.uniform(0.25, 0.6))
        )


def _decision(r: Random) -> Sheet:
    sheet = Sheet()
    _head(sheet, r)
    sheet.centred(48, "QUYẾT ĐỊNH", "b", 14)
    sheet.centred(55, "Về việc hỗ trợ kinh phí và giao quyền sử dụng đất", "b", 13)
    y = 66.0
    for _ in range(3):
        y = sheet.flow(y, [(r.choice(SENTENCES), None)])
    y = sheet.flow(
        y + 3,
        [
            ("Điều 1. Hỗ trợ cho ông (bà)", None),
            (name(r), "name"),
            (", sinh ngày", None),
            (date(r), "date"),
            (", số căn cước công dân", None),
            (number(r), "number"),
            ("số tiền", None),
            (f"{money(r)} đồng", "amount"),
            ("theo chế độ hiện hành của Nhà nước.", None),
        ],
    )
    for _ in range(r.randint(3, 5)):
        y = sheet.flow(y, [(r.choice(SENTENCES), None)])
    _foot(sheet, r, y)
    return sheet


def _birth(r: Random) -> Sheet:
    sheet = Sheet()
    _head(sheet, r)
    sheet.centred(50, "TRÍCH LỤC KHAI SINH", "b", 16)
    rows = (
        ("Họ, chữ đệm, tên:", name(r).upper(), "name"),
        ("Ngày, tháng, năm sinh:", date(r), "date"),
        ("Nơi sinh:", f"Trạm Y tế xã {r.choice(COMMUNES)}, tỉnh {r.choice(PROVINCES)}", "name"),
        ("Số định danh cá nhân:", number(r), "number"),
        ("Họ, chữ đệm, tên người mẹ:", name(r), "name"),
        ("Số giấy tờ tùy thân:", number(r), "number"),
        ("Họ, chữ đệm, tên người cha:", name(r), "name"),
        ("Số giấy tờ tùy thân:", number(r), "number"),
        ("Số đăng ký:", f"{r.randint(10, 999)}/{r.randint(2000, 2025)}", "number"),
        ("Ngày đăng ký:", date(r), "date"),
        ("Lệ phí:", f"{money(r)} đồng", "amount"),
    )
    y = 66.0
    for label, value, kind in rows:
        line = f"line {y:.1f}"
        sheet.words.append(Word(label, 22, y, line=line))
        sheet.words.append(Word(value, 24 + width_mm(label, "r", 13), y, kind=kind, line=line))
        y += 8.4
    _foot(sheet, r, y)
    return sheet


def _table(r: Random) -> Sheet:
    sheet = Sheet()
    _head(sheet, r)
    sheet.centred(48, "BẢNG KÊ CHI TRẢ TRỢ CẤP XÃ HỘI", "b", 14)
    columns, top, height, rows = (18, 30, 80, 112, 142, 170, 192), 66.0, 8.5, r.randint(10, 14)
    for row in range(rows + 2):
        sheet.rules.append(Rule(columns[0], top + row * height, columns[-1], top + row * height, 0.25))
    for x in columns:
        sheet.rules.append(Rule(x, top, x, top + (rows + 1) * height, 0.25))
    for at, title in enumerate(("STT", "Họ và tên", "Số căn cước", "Ngày sinh", "Số tiền", "Ký nhận")):
        sheet.centred(top + 1.8, title, "b", 11, (columns[at] + columns[at + 1]) / 2)
    for row in range(rows):
        y, line = top + (row + 1) * height + 1.8, f"row {row}"
        cells = ((22, str(row + 1), None), (32, name(r), "name"), (82, number(r), "number"), (115, date(r), "date"))
        for x, text, kind in (*cells, (145, money(r), "amount")):
            sheet.words.append(Word(text, x, y, "r", 11, kind, line))
        if r.random() < 0.6:
            sheet.signatures.append(Signature(181, y + 2, r.randint(0, 10**6), 0.28))
    _foot(sheet, r, sheet.flow(top + (rows + 1) * height + 5, [(r.choice(SENTENCES), None)]))
    return sheet


def _confirmation(r: Random) -> Sheet:
    sheet = Sheet()
    _head(sheet, r)
    sheet.frame(10, 10, 200, 287, 0.6)
    sheet.frame(11.5, 11.5, 198.5, 285.5, 0.2)
    sheet.centred(50, "GIẤY XÁC NHẬN", "b", 16)
    y = sheet.flow(
        70,
        [
            ("Ủy ban nhân dân xã xác nhận ông (bà)", None),
            (name(r), "name"),
            ("sinh ngày", None),
            (date(r), "date"),
            ("căn cước số", None),
            (number(r), "number"),
            ("có tổng thu nhập bình quân hằng tháng là", None),
            (f"{money(r)} đồng", "amount"),
        ],
        14,
    )
    for _ in range(r.randint(2, 4)):
        y = sheet.flow(y, [(r.choice(SENTENCES), None)], 14)
    _foot(sheet, r, y)
    return sheet


TEMPLATES = (_decision, _birth, _table, _confirmation)


def paper(seed: int, template: int) -> Sheet:
    """A paper with made-up content."""
    return TEMPLATES[template](random.Random(seed))
