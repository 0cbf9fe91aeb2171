"""The cases of ``test_ink.py``: forgeries by ink in a later signature's field, and what honest signers draw there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from PIL import Image

from tests.attacks.ink_making import (
    Case,
    Drawn,
    Item,
    Pixels,
    Rect,
    Text,
    edited,
    handwriting,
    scanned,
    seal,
    sheet,
    signer,
    text_width,
    verdict,
    with_picture,
)
from verifier.report import SignatureVerdict, Signer

DEPARTMENT = signer("SỞ XÂY DỰNG DEMO", "SỞ XÂY DỰNG DEMO")
LEADER = signer("Lê Thị Mẫu", "SỞ XÂY DỰNG DEMO")
STRANGER = signer("SỞ Y TẾ DEMO", "SỞ Y TẾ DEMO")
CITIZEN = signer("Trần Văn Bình", None, cccd="012345678901")
NAMED = signer("Phạm Thị Mẫu", None, cccd="012345678902")
"""Whose name the letter's block prints."""

AMOUNT = Text(85, 600, "Số tiền hỗ trợ: 1.000.000 đồng")
LINES: tuple[Item, ...] = (
    Text(85, 640, "Điều 1. Hỗ trợ cho ông Nguyễn Văn Mẫu theo hồ sơ đã nộp."),
    Text(85, 620, "Điều 2. Bên B không được chuyển nhượng quyền này."),
    AMOUNT,
    Text(85, 580, "Thời hạn: 10 năm kể từ ngày ký. Nhiệt độ: -5 độ."),
)
BLOCK: tuple[Item, ...] = (
    Text(360, 320, "KT. GIÁM ĐỐC", 13, "bold"),
    Text(358, 303, "PHÓ GIÁM ĐỐC", 13, "bold"),
    Text(365, 215, "Phạm Thị Mẫu", 13, "bold"),
)


def head(number: str, date: str, place: str = "Lai Châu") -> tuple[Item, ...]:
    """The head of an official letter."""
    return (
        Text(100, 780, "UBND TỈNH LAI CHÂU", 12),
        Text(105, 765, "SỞ XÂY DỰNG DEMO", 12, "bold"),
        Text(115, 740, number, 13),
        Text(300, 780, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "bold"),
        Text(345, 765, "Độc lập - Tự do - Hạnh phúc", 13, "bold"),
        Text(310, 740, f"{place}, {date}", 13, "italic"),
    )


BLANKS = head("Số:            /SXD-QLN", "ngày        tháng        năm 2026")
WRITTEN = head("Số: 118/SXD-QLN", "ngày 24 tháng 06 năm 2026")
LEADERS = head("Số: ........../SXD-QLN", "ngày ...... tháng ...... năm 2026")


@cache
def letter(kind: str = "blanks") -> bytes:
    """An official letter with this head."""
    heads = {"blanks": BLANKS, "written": WRITTEN, "leaders": LEADERS, "none": ()}
    return sheet((*heads[kind], *LINES, *BLOCK))


@cache
def scan(kind: str = "blanks") -> bytes:
    """The same on paper, scanned."""
    return scanned(letter(kind))


@cache
def tinted(colour: str) -> bytes:
    """The letter on coloured ground."""
    return sheet((*WRITTEN, *LINES, *BLOCK, Drawn(f"{colour} rg 0 0 595 842 re f")))


@cache
def guilloche() -> bytes:
    """The letter on a ground of fine lines, as certificates have."""
    waves = "0.85 0.9 0.95 RG 0.4 w " + " ".join(
        f"0 {y} m 150 {y + 30} 300 {y - 30} 595 {y + 10} c S" for y in range(0, 842, 7)
    )
    return sheet((*WRITTEN, *LINES, *BLOCK, Drawn(waves)))


TABLE_LINES = (
    "0.7 w "
    + " ".join(f"85 {y} m 510 {y} l S" for y in (500, 470, 440, 410, 350))
    + " "
    + " ".join(f"{x} 350 m {x} 500 l S" for x in (85, 240, 380, 510))
)


@cache
def table() -> bytes:
    """A ruled table: two rows of amounts, one of them with an empty cell, and two cells for signatures."""
    return sheet(
        (
            Drawn(TABLE_LINES),
            Text(90, 480, "Khoản mục", 11),
            Text(250, 480, "Số tiền (đồng)", 11),
            Text(390, 480, "Ghi chú", 11),
            Text(90, 450, "Tiền công", 11),
            Text(250, 450, "1.000.000", 11),
            Text(90, 420, "Tiền vật liệu", 11),
            Text(90, 395, "Chữ ký người lập:", 11),
            Text(245, 395, "Người duyệt:", 11),
            Text(385, 395, "Ngày:", 11),
        )
    )


@cache
def form(drawn: bool = True, label: str = "Họ tên:", digits: str = "") -> bytes:
    """A form with an empty field that a line or a frame shows, or not."""
    items: list[Item] = [Text(85, 500, label), Text(85, 470, digits or "Kính gửi quý cơ quan.")]
    if drawn:
        items.append(Drawn("0.6 w 140 494 m 340 494 l S"))
    return with_picture(sheet(items), (140, 494, 340, 514), (), name="Later")


def end_of(line: Text, text: str | None = None) -> float:
    """Where a text, or its beginning, ends."""
    return line.x + text_width(line.text if text is None else text, line.size, line.font)


def around(items: Sequence[Item], margin: float = 12.0) -> Rect:
    """A field that holds these."""
    boxes = []
    for item in items:
        if isinstance(item, Text):
            boxes.append((item.x, item.y - 4, item.x + item.width, item.y + item.size))
        elif isinstance(item, Pixels):
            boxes.append(item.rect)
    left, bottom = min(box[0] for box in boxes) - margin, min(box[1] for box in boxes) - margin
    right, top = max(box[2] for box in boxes) + margin, max(box[3] for box in boxes) + margin
    return round(left), round(bottom), round(right), round(top)


def case(name: str, base: bytes, items: Sequence[Item], rect: Rect | None = None, who: Signer = CITIZEN) -> Case:
    """A co-signer's picture on a page."""
    return Case(name, base, rect or around(items), tuple(items), verdict(who), (LEADER,))


def forged() -> Iterator[Case]:
    """What changes the reading of signed text."""
    yield from _digits()
    yield from _strokes()
    yield from _erased()
    yield from _letters()
    yield from _cells()
    yield from _figures_on_text()
    yield from _clerk_forged()
    yield from _odd_pages_forged()
    for ground, base in (("white", letter("written")), ("tint", tinted("1 0.97 0.9"))):
        between = Pixels(handwriting(), (355, 232, 465, 290))
        yield case(f"handwriting by another in the block, {ground}", base, [between])


def _digits() -> Iterator[Case]:
    before = end_of(AMOUNT, "Số tiền hỗ trợ: ")
    after = end_of(AMOUNT, "Số tiền hỗ trợ: 1.000.000")
    for base, ground in ((letter("written"), "white"), (scan("written"), "scan"), (guilloche(), "guilloche")):
        yield case(f"digit before, {ground}", base, [Text(before - 6.2, 600, "9")])
        yield case(f"digits after, {ground}", base, [Text(after + 0.5, 600, ".000")])
        yield case(f"digit between, {ground}", base, [Text(before + 6.2, 600, "9", 9)])
        yield case(f"separator, {ground}", base, [Text(before + 7, 604, ".", 13)])
    for size in (6, 8, 10, 13, 16, 20):
        yield case(f"digits after, {size} pt", letter("written"), [Text(end_of(AMOUNT) + 4, 600, "000", size)])
    for colour in ((200, 0, 0), (0, 0, 200), (0, 150, 0), (120, 120, 120), (190, 190, 190), (230, 200, 40)):
        yield case(f"digit of colour {colour}", letter("written"), [Text(before - 6.2, 600, "9", colour=colour)])
    yield case("digit as a picture", letter("written"), [_as_pixels("9", (before - 8, 596, before - 1, 611))])
    yield case("million in words", letter("written"), [Text(end_of(AMOUNT) + 3, 600, "mỗi tháng")])
    yield case("digit on the raised line", letter("written"), [Text(after, 604, "3", 7)])
    years = Text(85, 580, "Thời hạn: 10")
    yield case("years", letter("written"), [Text(end_of(years), 580, "0")])
    for gap in (1, 5, 10, 15):
        yield case(f"digits {gap} pt before the line", letter("written"), [Text(85 - 8 - gap, 600, "9")])


def _as_pixels(text: str, rect: Rect) -> Pixels:
    from verifier.drawing.rendering import RenderedDocument

    size = (rect[2] - rect[0], rect[3] - rect[1])
    with RenderedDocument(sheet([Text(1, 3, text, size[1])], size)) as document:
        grey = 255 - document.picture(0, 6.0)[:, :, 0]
    image = Image.new("RGBA", (grey.shape[1], grey.shape[0]), (10, 10, 120, 0))
    image.putalpha(Image.fromarray(grey))
    return Pixels(image, rect)


def _strokes() -> Iterator[Case]:
    one = end_of(AMOUNT, "Số tiền hỗ trợ: ")
    for base, ground in ((letter("written"), "white"), (scan("written"), "scan")):
        for name, stroke in (
            ("1 into 4", f"0.9 w {one + 3} 608 m {one} 603 l {one + 6} 603 l S"),
            ("1 into 7", f"0.9 w {one} 608.5 m {one + 4} 608.5 l S"),
            ("0 into 8", f"0.9 w {one + 11} 604 m {one + 15} 604 l S"),
            ("point into comma", f"0.9 w {one + 8} 600 m {one + 7} 597.5 l S"),
            ("a line through", f"0.7 w {one} 604 m {one + 48} 604 l S"),
        ):
            yield Case(f"{name}, {ground}", base, (80, 585, 330, 625), (Drawn(stroke),), verdict(CITIZEN), (LEADER,))
    yield Case(
        "dot below a vowel",
        letter("written"),
        (80, 610, 330, 640),
        (Drawn(f"{92} 616.5 1.4 1.4 re f"),),
        verdict(CITIZEN),
    )


def _erased() -> Iterator[Case]:
    sentence = "Điều 2. Bên B "
    left, right = 85 + text_width(sentence, 13), 85 + text_width(sentence + "không ", 13)
    word: Rect = (left, 615, right, 634)
    minus = 85 + text_width("Thời hạn: 10 năm kể từ ngày ký. Nhiệt độ: ", 13)
    dash: Rect = (minus, 582, minus + 4.4, 586)
    for base, ground, colour in (
        (letter("written"), "white", "1 1 1"),
        (scan("written"), "scan", "0.97 0.97 0.97"),
        (tinted("1 0.95 0.8"), "tint", "1 0.95 0.8"),
        (tinted("0.8 0.9 1"), "blue", "0.8 0.9 1"),
        (guilloche(), "guilloche", "1 1 1"),
    ):
        for name, box in (("a word", word), ("a minus", dash)):
            yield _patch(f"{name} under its ground, {ground}", base, box, f"{colour} rg {_re(box)} f")
        yield _patch(f"a word in a frame, {ground}", base, word, f"{colour} rg 0 0 1 RG 0.5 w {_re(word)} B")
        yield _patch(f"a word under blue, {ground}", base, word, f"0.7 0.8 1 rg {_re(word)} f")
        yield _patch(f"a word under red, {ground}", base, word, f"0.8 0 0 rg {_re(word)} f")
        yield _patch(f"a word under black, {ground}", base, word, f"0 0 0 rg {_re(word)} f")
    half: Rect = (left, 615, (left + right) / 2, 634)
    yield _patch("half a word", letter("written"), half, f"1 1 1 rg {_re(half)} f")
    digit = 85 + text_width("Số tiền hỗ trợ: 1.", 13)
    for name, box in (
        ("one digit", (digit, 597, digit + 6.4, 611)),
        ("left half of a 0", (digit, 598, digit + 3.2, 610)),
        ("top of a digit", (digit, 606, digit + 6.4, 611)),
        ("a point", (digit - 3.2, 599, digit - 0.2, 602.5)),
    ):
        yield _patch(name, letter("written"), box, f"1 1 1 rg {_re(box)} f")
    veil = Image.new("RGBA", (8, 8), (255, 255, 255, 225))
    yield case("a word under a veil", letter("written"), [Pixels(veil, word)], (80, 600, 330, 640))
    strokes = f"1 1 1 RG 3 w {left} 624 m {right} 624 l S"
    yield _patch("a word rubbed out by strokes", letter("written"), word, strokes)
    yield case(
        "a picture with white ground over text",
        letter("written"),
        [Pixels(_on_white(handwriting()), (200, 590, 330, 650))],
    )


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, image)


def _re(box: Rect) -> str:
    return f"{box[0]} {box[1]} {box[2] - box[0]} {box[3] - box[1]} re"


def _patch(name: str, base: bytes, box: Rect, operators: str) -> Case:
    """A patch within a field that also shows who signed, on free ground."""
    del box
    items = (Drawn(operators), Text(100, 545, "Ký bởi: Trần Văn Bình", 9))
    return Case(name, base, (70, 535, 420, 650), items, verdict(CITIZEN), (LEADER,))


def _letters() -> Iterator[Case]:
    name, title = BLOCK[2], BLOCK[0]
    assert isinstance(name, Text)
    assert isinstance(title, Text)
    for base, ground in ((letter("written"), "white"), (scan("written"), "scan")):
        yield case(f"n after a name, {ground}", base, [Text(end_of(name) + 0.5, 215, "n", 13, "bold")])
        yield case(f"word after a name, {ground}", base, [Text(end_of(name) + 4, 215, "Hà", 13, "bold")])
        yield case(f"form of authority before a title, {ground}", base, [Text(title.x - 25, 303, "Q.", 13, "bold")])
        mark: list[Item] = [
            Pixels(handwriting(2), (365, 230, 450, 270)),
            Text(end_of(name) + 0.5, 215, "n", 13, "bold"),
        ]
        yield case(f"n beside a signature by hand, {ground}", base, mark)
        yield case(f"mark above a letter, {ground}", base, [Text(85 + text_width("Điều 2. B", 13), 621, "´", 12)])
    sentence = "Điều 2. Bên B không được chuyển nhượng quyền này."
    yield case("a word at the end", letter("written"), [Text(85 + text_width(sentence, 13) + 3, 620, "trừ khi")])
    yield case("a word before", letter("written"), [Text(64, 620, "Bỏ")])


def _cells() -> Iterator[Case]:
    for name, x, y, text in (
        ("digits in an empty cell", 250, 420, "9.000.000"),
        ("digits in an empty cell, at its right", 330, 420, "900"),
        ("digits in the remark", 470, 450, "x2"),
        ("digits before an amount", 244, 450, "9"),
        ("digits after an amount", 305, 450, ".000"),
        ("a word in the remark", 430, 420, "miễn"),
        ("digits in the head", 450, 480, "1000"),
    ):
        yield case(name, table(), [Text(x, y, text, 11)])
        yield case(f"{name}, scan", scanned(table()), [Text(x, y, text, 11)])
    for size in (6, 8, 14):
        yield case(f"digits in an empty cell, {size} pt", table(), [Text(300, 420, "500", size)])
    yield case("a tick in an empty cell", table(), [Pixels(_tick(), (300, 415, 312, 427))])
    boxes: tuple[Item, ...] = (
        Drawn("0.8 w 85 500 10 10 re S 85 480 10 10 re S"),
        Text(100, 501, "Đồng ý"),
        Text(100, 481, "Không đồng ý"),
    )
    for y in (500, 480):
        yield case(f"a tick in a box at {y}", sheet(boxes), [Pixels(_tick(), (85, y, 96, y + 11))])
    yield Case(
        "a value in a field that is not drawn",
        form(False, "Nội dung: được"),
        (140, 494, 340, 514),
        (Text(142, 500, "không"),),
    )
    with_digit = form(True, "Số tiền: 1")
    yield Case("a digit in a drawn field beside a digit", with_digit, (140, 494, 340, 514), (Text(142, 500, "000"),))


def _tick() -> Image.Image:
    from PIL import ImageDraw

    image = Image.new("RGBA", (60, 60), (0, 0, 150, 0))
    ImageDraw.Draw(image).line([(8, 30), (24, 50), (54, 8)], fill=(0, 0, 150, 255), width=9)
    return image


def _figures_on_text() -> Iterator[Case]:
    digit = 85 + text_width("Số tiền hỗ trợ: 1.00", 13)
    for base, ground in ((letter("written"), "white"), (scan("written"), "scan")):
        for size in (50, 70, 100):
            disc = (digit - size / 2, 605 - size / 2, digit + size / 2, 605 + size / 2)
            yield case(f"seal of {size} pt over an amount, {ground}", base, [Pixels(seal(), disc)])
        yield case(f"handwriting over an amount, {ground}", base, [Pixels(handwriting(), (150, 580, 300, 640))])
    solid = seal()
    full = Image.new("RGBA", solid.size, (214, 20, 30, 0))
    from PIL import ImageDraw

    ImageDraw.Draw(full).ellipse((2, 2, solid.width - 2, solid.height - 2), fill=(214, 20, 30, 255))
    yield case("a solid disc over title and name", letter("written"), [Pixels(full, (340, 205, 450, 315))])
    yield case("a solid disc over the name", letter("written"), [Pixels(full, (350, 190, 420, 260))])


def _clerk_forged() -> Iterator[Case]:
    def by(who: SignatureVerdict, name: str, base: bytes, items: Sequence[Item]) -> Case:
        return Case(name, base, around(items, 2), tuple(items), who, (LEADER,))

    number = Text(115 + text_width("Số: ", 13) + 4, 740, "118", 13)
    start = 310 + text_width("Lai Châu, ngày ", 13, "italic")
    day = Text(start + 4, 740, "24", 13, "italic")
    for base, ground in ((letter(), "white"), (letter("leaders"), "leaders"), (scan(), "scan")):
        for who, by_whom in (
            (verdict(STRANGER), "stranger"),
            (verdict(CITIZEN), "person"),
            (verdict(LEADER), "leader"),
        ):
            yield by(who, f"number by a {by_whom}, {ground}", base, [number])
            yield by(who, f"day by a {by_whom}, {ground}", base, [day])
        untrusted = verdict(DEPARTMENT, trusted=False)
        yield by(untrusted, f"number by a name alone, {ground}", base, [number])
        broken = verdict(DEPARTMENT, intact=False)
        yield by(broken, f"number by a broken signature, {ground}", base, [number])
    own = verdict(DEPARTMENT)
    for base, ground in ((letter("written"), "white"), (scan("written"), "scan")):
        yield by(
            own, f"a digit more in a written number, {ground}", base, [Text(115 + text_width("Số: 118", 13), 740, "0")]
        )
        before = Text(310 + text_width("Lai Châu, ngày ", 13, "italic") - 5, 740, "1", 13, "italic")
        yield by(own, f"a digit more in a written day, {ground}", base, [before])
        yield by(own, f"an amount by the agency, {ground}", base, [Text(end_of(AMOUNT) + 2, 600, "000")])
    for name, items in (
        ("a word in the number's blank", [Text(number.x, 740, "abc")]),
        ("a 45th day", [Text(day.x, 740, "45", 13, "italic")]),
        (
            "a year after the date",
            [Text(310 + text_width("Lai Châu, ngày        tháng        năm 2026", 13, "italic") + 1, 740, "9")],
        ),
        ("after the number's sign", [Text(115 + text_width("Số:            /SXD-QLN", 13) + 1, 740, "2")]),
    ):
        yield by(own, name, letter(), items)


def _odd_pages_forged() -> Iterator[Case]:
    digits = [Text(end_of(AMOUNT, "Số tiền hỗ trợ: 1.000.000") + 0.5, 600, ".000")]
    for turn in (90, 180, 270):
        yield case(f"digits after, page turned by {turn}", edited(letter("written"), Rotate=turn), digits)
    yield case("digits after, cropped page", edited(letter("written"), CropBox=[40, 100, 560, 800]), digits)
    yield case("digits after, user unit", edited(letter("written"), UserUnit=2), digits)
    small = sheet([Text(85, 600, "Số tiền: 1.000", 6)])
    yield case("digits after, 6 pt text", small, [Text(85 + text_width("Số tiền: 1.000", 6) + 0.3, 600, ".000", 6)])
    white = sheet(
        [Drawn("0.1 0.2 0.5 rg 0 560 595 100 re f"), Text(85, 600, "Tổng: 1.000", 20, colour=(255, 255, 255))]
    )
    more = Text(85 + text_width("Tổng: 1.000", 20), 600, ".000", 20, colour=(255, 255, 255))
    yield case("white digits on dark ground", white, [more])
    hide = "0.1 0.2 0.5 rg 140 595 20 22 re f"
    yield Case("dark patch on dark ground", white, (80, 580, 400, 640), (Drawn(hide),), verdict(CITIZEN))


def honest() -> Iterator[Case]:
    """What signers draw and may."""
    yield from _pictures_on_free_ground()
    yield from _seals_at_blocks()
    yield from _labelled()
    yield from _over_earlier()
    yield from _clerk()
    yield from _odd_pages()


STYLES: dict[str, tuple[str, ...]] = {
    "iText": (
        "Digitally signed by Trần Văn Bình",
        "Date: 2026.05.04 10:02:01 +07:00",
        "Reason: Đồng ý",
        "Location: Hà Nội",
    ),
    "Acrobat": ("Digitally signed by", "Trần Văn Bình", "Date: 2026.05.04", "10:02:01 +07'00'"),
    "DSS": ("Trần Văn Bình", "2026.05.04 10:02:01 +07:00"),
    "pyHanko": ("Digitally signed by Trần Văn Bình.", "Timestamp: 2026-05-04 10:02:01 +07."),
    "VGCA": (
        "Người ký: Trần Văn Bình",
        "Email: binh@example.vn",
        "Cơ quan: SỞ XÂY DỰNG DEMO",
        "Thời gian ký: 04.05.2026 10:02:01 +07:00",
    ),
    "provider": ("Signature Valid", "Ký bởi: Trần Văn Bình", "Ký ngày: 04/05/2026"),
    "ours": ("Ký bởi: Trần Văn Bình", "Cơ quan: SỞ XÂY DỰNG DEMO", "Thời gian ký: 04.05.2026 10:02:01 +07:00"),
}


def _stamp(lines: Sequence[str], x: float, y: float, size: float = 8.0) -> list[Item]:
    return [Text(x, y - n * size * 1.2, line, size) for n, line in enumerate(lines)]


def _pictures_on_free_ground() -> Iterator[Case]:
    for style, lines in STYLES.items():
        for base, ground in ((letter("written"), "white"), (scan("written"), "scan"), (guilloche(), "guilloche")):
            yield case(f"{style} on free ground, {ground}", base, _stamp(lines, 90, 500))
        image = [Pixels(handwriting(), (60, 460, 120, 505)), *_stamp(lines, 125, 500)]
        yield case(f"{style} with a picture left, white", letter("written"), image)
        framed = [Drawn("0.8 w 80 455 230 60 re S"), *_stamp(lines, 90, 500)]
        yield case(f"{style} in a frame, white", letter("written"), framed, (70, 445, 330, 520))
        opaque = [Drawn("1 1 1 rg 80 455 230 60 re f"), *_stamp(lines, 90, 500)]
        yield case(f"{style} on white ground, tint", tinted("1 0.95 0.8"), opaque, (70, 445, 330, 520))
    for size in (60, 85, 100, 113):
        yield case(
            f"seal of {size} pt on free ground", letter("written"), [Pixels(seal(), (90, 400, 90 + size, 400 + size))]
        )
        beside = end_of(AMOUNT) + 8
        disc = (beside, 603 - size / 2, beside + size, 603 + size / 2)
        if size > 80:
            yield Case(
                f"seal of {size} pt beside an amount",
                letter_short(),
                around([Pixels(seal(), disc)]),
                (Pixels(seal(), disc),),
                verdict(DEPARTMENT),
                (LEADER,),
            )
    yield case("paid", letter("written"), [Text(200, 450, "ĐÃ THANH TOÁN", 18, "bold", (200, 0, 0))])


@cache
def letter_short() -> bytes:
    """The amount alone with free ground around it."""
    return sheet([AMOUNT])


def _seals_at_blocks() -> Iterator[Case]:
    for base, ground in ((letter("written"), "white"), (scan("written"), "scan"), (tinted("1 0.97 0.9"), "tint")):
        for size in (85, 100, 113):
            for dx, dy in ((0, 0), (-20, 0), (-30, 8), (-10, -4)):
                left, bottom = 330 + dx, 265 - size / 2 + dy
                item = Pixels(seal(), (left, bottom, left + size, bottom + size))
                yield Case(
                    f"seal of {size} pt at the block {dx},{dy}, {ground}",
                    base,
                    around([item]),
                    (item,),
                    verdict(DEPARTMENT),
                    (LEADER,),
                )
        for seed in (1, 2, 3):
            across = Pixels(handwriting(seed), (350, 205, 480, 300))
            yield case(f"handwriting {seed} across the name, {ground}", base, [across], who=NAMED)
            between = Pixels(handwriting(seed), (355, 232, 465, 290))
            yield case(f"handwriting {seed} in the block, {ground}", base, [between], who=NAMED)
    both = with_picture(
        letter("written"), (350, 225, 470, 300), [Pixels(handwriting(), (355, 230, 465, 290))], name="First"
    )
    for size in (85, 100):
        item = Pixels(seal(), (320, 265 - size / 2, 320 + size, 265 + size / 2))
        yield Case(
            f"seal of {size} pt over an earlier signature",
            both,
            around([item]),
            (item,),
            verdict(DEPARTMENT),
            (LEADER,),
        )
    for style, lines in STYLES.items():
        own = tuple(line.replace("Trần Văn Bình", "Phạm Thị Mẫu") for line in lines)
        yield case(f"{style} in the block", letter("written"), _stamp(own, 345, 285, 7), who=NAMED)


def _labelled() -> Iterator[Case]:
    for style, lines in STYLES.items():
        yield case(f"{style} in a labelled cell", table(), _stamp(lines[:2], 95, 380, 6), (88, 352, 238, 392))
        yield case(
            f"{style} in the second labelled cell", table(), _stamp(lines[:2], 243, 380, 6), (242, 352, 378, 392)
        )
    yield case("handwriting in a labelled cell", table(), [Pixels(handwriting(), (100, 355, 200, 390))])
    yield case("a date in its cell", table(), [Text(420, 395, "04/05/2026", 11)])
    for label in (
        "Chữ ký:",
        "Ký tên:",
        "Người đại diện:",
        "Ngày ký:",
        "Signature:",
        "Date:",
        "Signed by:",
        "Đại diện bên A",
        "NGƯỜI DUYỆT",
    ):
        base = sheet([Text(85, 500, label), *LINES])
        x = 85 + text_width(label, 13) + 5
        yield case(f"a stamp at {label}", base, _stamp(("Trần Văn Bình", "04/05/2026"), x, 506, 8))
        yield case(f"a date at {label}", base, [Text(x, 500, "04/05/2026", 11)])
        dotted = sheet([Text(85, 500, label + " ................................"), *LINES])
        yield case(f"a date on the leaders of {label}", dotted, [Text(x + 10, 502, "04/05/2026", 11)])
    plain = "SIGNATURE OF APPLICANT"
    yield case(
        "without diacritics", sheet([Text(85, 500, "Chu ky nguoi nop don:")]), [Text(230, 500, "Tran Van Binh", 9)]
    )
    yield case(
        "in capitals", sheet([Text(85, 500, plain)]), [Text(85 + text_width(plain, 13) + 6, 500, "Tran Van Binh", 9)]
    )
    field = (140.0, 494.0, 340.0, 514.0)
    yield Case(
        "a name in a drawn field", form(), field, (Text(142, 500, "Trần Văn Bình"),), verdict(CITIZEN), (LEADER,)
    )
    yield Case("a drawn field filled in", form(), field, (Text(142, 500, "Trần Văn Bình"),), kind="Tx")


def _over_earlier() -> Iterator[Case]:
    for first, earlier in STYLES.items():
        base = with_picture(letter("written"), (80, 440, 330, 520), _stamp(earlier, 90, 500), name="First")
        for second in ("iText", "DSS", "VGCA"):
            yield case(f"{second} over {first}", base, _stamp(STYLES[second], 92, 497))
            yield case(f"{second} beside {first}", base, _stamp(STYLES[second], 300, 500))
    pen = with_picture(
        letter("written"), (80, 440, 330, 520), [Pixels(handwriting(), (90, 445, 250, 515))], name="First"
    )
    yield case("text over handwriting", pen, _stamp(STYLES["iText"], 92, 497))
    yield case("handwriting over handwriting", pen, [Pixels(handwriting(3), (110, 440, 260, 510))])


def _clerk() -> Iterator[Case]:
    own = verdict(DEPARTMENT)

    def by(name: str, base: bytes, items: Sequence[Item]) -> Case:
        return Case(name, base, around(items, 2), tuple(items), own, (LEADER,))

    gap = text_width("Số: ", 13)
    start = 310 + text_width("Lai Châu, ngày ", 13, "italic")
    second = 310 + text_width("Lai Châu, ngày        tháng ", 13, "italic")
    for base, ground in ((letter(), "white"), (scan(), "scan")):
        for number in ("7", "18", "118", "2118"):
            yield by(f"number {number} by the agency, {ground}", base, [Text(115 + gap + 3, 740, number)])
        for day in ("05", "24", "9"):
            yield by(f"day {day} by the agency, {ground}", base, [Text(start + 4, 740, day, 13, "italic")])
        for month in ("06", "12"):
            yield by(f"month {month} by the agency, {ground}", base, [Text(second + 4, 740, month, 13, "italic")])
        yield by(f"number in 12 pt, {ground}", base, [Text(115 + gap + 3, 740.5, "118", 12)])
        yield by(f"number in blue, {ground}", base, [Text(115 + gap + 3, 740, "118", 13, colour=(0, 0, 160))])
        picture = _as_pixels("24", (start + 3, 736, start + 17, 751))
        yield by(f"day as a picture, {ground}", base, [picture])
    dots = letter("leaders")
    yield by("number on leaders", dots, [Text(115 + gap + 6, 741, "118")])
    yield by(
        "day on leaders", dots, [Text(310 + text_width("Lai Châu, ngày .", 13, "italic"), 741, "24", 13, "italic")]
    )


def _odd_pages() -> Iterator[Case]:
    lines = STYLES["VGCA"]
    for turn in (90, 180, 270):
        yield case(f"stamp, page turned by {turn}", edited(letter("written"), Rotate=turn), _stamp(lines, 90, 500))
    yield case("stamp, cropped page", edited(letter("written"), CropBox=[40, 100, 560, 800]), _stamp(lines, 90, 500))
    yield case("stamp, user unit", edited(letter("written"), UserUnit=2), _stamp(lines, 90, 500))
    copy = ("SAO Y", "SỞ XÂY DỰNG DEMO", "04.05.2026 10:02:01 +07:00")
    yield Case(
        "the text of a copy top right",
        letter("written"),
        (430, 795, 590, 838),
        tuple(_stamp(copy, 440, 828, 7)),
        verdict(DEPARTMENT),
        (LEADER,),
    )
