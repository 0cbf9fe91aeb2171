"""Letters of this practice, honest ones and forgeries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from demo.documents import font_path
from tests.attacks.ink_making import Pixels, handwriting, seal, text_width
from tests.letters.acts import (
    DAY,
    MONTH,
    NUMBER,
    Act,
    across_edges,
    checker,
    day,
    drawn,
    hung,
    hung_turned,
    initials,
    leader,
    month,
    number,
    stamp,
    words,
    written,
    year,
)
from tests.letters.papers import AMOUNT, AMOUNT_Y, COST, COST_Y, HEADS, SCANNED, Paper
from tests.letters.signers import (
    AGENCY,
    COLLEAGUE,
    COPYCAT,
    DRAFTER,
    GUEST,
    LEADER,
    PROVINCES,
    STRANGE_AGENCY,
    STRANGER,
)

PLAIN = Paper()


@dataclass(frozen=True)
class Letter:
    """A paper, its acts and the first signature's DocMDP level; on a forgery of a letter without certification that
    may pass, the warning that it gets."""

    name: str
    acts: tuple[Act, ...]
    level: int | None
    paper: Paper = PLAIN
    warned: str = ""


ALL = (initials(), leader(), number(), day(), month(), stamp())
LEVELS = (None, 2, 3)


def honest() -> Iterator[Letter]:
    """Everything that comes from the state's tool."""
    yield from _orders()
    yield from _heads()
    yield from _scans()
    yield from _annexes()
    yield from _people()


def _orders() -> Iterator[Letter]:
    """Orders of signing, on paper that can be read and on a scan."""
    orders: tuple[tuple[str, tuple[Act, ...]], ...] = (
        ("the usual six", ALL),
        ("seven, with two drafters", (initials(), initials(COLLEAGUE, 3, 38), *ALL[1:])),
        ("seven, with a checker", (initials(), checker(), *ALL[1:])),
        ("without initials", ALL[1:]),
        ("number after the date", (leader(), day("05"), month("12"), number("7"), stamp())),
        ("sealed before the number", (leader(), stamp(), number("118"), day(), month())),
        ("number before the leader", (number("12345"), leader(), day("1"), month("1"), stamp())),
        ("no picture of a seal", (*ALL[:5], stamp(picture=False))),
        ("the agency's six", tuple(Act(AGENCY, one.rect, one.items) for one in ALL[2:])),
        ("leader alone", (leader(),)),
        ("leader and seal", (leader(), stamp())),
        ("the leader of another body, by name", (leader(GUEST), initials(), stamp())),
    )
    for name, acts in orders:
        for level in LEVELS:
            for paper in (Paper(), Paper("dots"), Paper(scan=True)):
                if paper.scan and name.startswith(("seven", "the leader of")):
                    continue
                if name.startswith("the leader of") and level is not None:
                    continue
                yield Letter(f"{name}, P={level}, {paper.name}", acts, level, paper)


def _clerks(paper: Paper) -> tuple[Act, ...]:
    """What the clerk writes on this paper: whatever is no blank stands there already."""
    parts = ((NUMBER, "2118"), (DAY, "24"), (MONTH, "06"))
    acts = [written(part, text, head=paper.head) for part, text in parts if not paper.of.written[part]]
    return (*acts, *([year(head=paper.head)] if paper.head == "year blank" else []))


def _heads() -> Iterator[Letter]:
    """Each way in which agencies write their heads."""
    for head in HEADS:
        for level in (None, 2):
            paper = Paper(head)
            yield Letter(f"a head: {head}, P={level}", (initials(), leader(), *_clerks(paper), stamp()), level, paper)


def _scans() -> Iterator[Letter]:
    """Scans of several heads, resolutions and noise."""
    for head in SCANNED:
        for level in (None, 2):
            paper = Paper(head, True)
            yield Letter(f"a head: {paper.name}, P={level}", (leader(), *_clerks(paper), stamp()), level, paper)
    for dpi, noise in ((150, 6), (300, 6), (200, 14), (300, 20)):
        for head in ("blanks", "two lines"):
            paper = Paper(head, True, dpi, noise)
            yield Letter(f"a head: {paper.name}, P=2", (leader(), *_clerks(paper), stamp()), 2, paper)


def _annexes() -> Iterator[Letter]:
    """Pages behind the letter: the ring over an annex, on the edges, a second letter with a head of its own."""
    for level in (None, 2):
        yield Letter(f"ring over the annex, P={level}", (*ALL, hung()), level, Paper(behind="annex"))
        yield Letter(f"ring over a wide annex, P={level}", (*ALL, hung(landscape=True)), level, Paper(behind="wide"))
        yield Letter(f"ring over a turned annex, P={level}", (*ALL, hung_turned()), level, Paper(behind="turned"))
        edges = (*ALL, across_edges(), across_edges(page=1))
        yield Letter(f"seals on the edges, P={level}", edges, level, Paper(behind="annex"))
        second = (
            leader().on(1),
            number("35", head="two lines").on(1),
            day(head="two lines").on(1),
            month(head="two lines").on(1),
            stamp().on(1),
        )
        yield Letter(f"two letters in one file, P={level}", (*ALL, *second), level, Paper(behind="letter"))


def _people() -> Iterator[Letter]:
    """Who signs, and how the digits are drawn."""
    for level in (None, 2):
        ground = f"P={level}"
        yield Letter(f"no blanks, {ground}", (initials(), leader(), stamp()), level, Paper("written"))
        yield Letter(f"a guest signs where his name is printed, {ground}", (initials(), leader(GUEST)), level)
        of_province = tuple(Act(PROVINCES, one.rect, one.items) for one in ALL[2:])
        yield Letter(f"the province's office writes and seals, {ground}", (initials(), leader(), *of_province), level)
        for scan in (False, True):
            acts = (leader(), _digits_as_picture("2118"), day(), month(), stamp())
            yield Letter(f"digits as a picture{' on a scan' * scan}, {ground}", acts, level, Paper(scan=scan))
    yield Letter("one signature, P=1", (leader(),), 1)
    yield Letter("one signature, P=1, scanned", (leader(),), 1, Paper(scan=True))


def _digits_as_picture(text: str, who: str = AGENCY) -> Act:
    """Digits into the number's blank that no program can read."""
    like = number(text, who)
    font = ImageFont.truetype(str(font_path("Tinos-Regular.ttf")), 130)
    image = Image.new("RGBA", (round(font.getlength(text)) + 4, 130), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((2, 0), text, (0, 0, 0, 255), font)
    left, y, wide = like.rect[0] + 3, HEADS["blanks"].y, text_width(text, 13)
    return Act(who, like.rect, (Pixels(image, (left, y - 2.8, left + wide, y + 10.2)),))


def forged() -> Iterator[Letter]:
    """Each kind of forgery, at each level."""
    for level in LEVELS:
        yield from _in_heads(level)
        yield from _in_text(level)
        yield from _in_blocks(level)
    after = (("number", number()), ("seal", stamp()), ("leader", leader()), ("a dot", words(".", 300, 100)))
    for name, act in (*after, ("a checker", checker())):
        yield Letter(f"{name} after P=1", (initials(), act), 1)


def _in_heads(level: int | None) -> Iterator[Letter]:
    before: Sequence[Act] = (leader(),)
    full = HEADS["written"]
    number_left, number_wide = full.place(NUMBER)
    day_left, day_wide = full.place(DAY)
    y = full.y
    for scan in (False, True):
        ground, paper, blank = f"P={level}{' scanned' * scan}", Paper("written", scan), Paper(scan=scan)
        more = words("9", number_left + number_wide - 0.5, y)
        yield Letter(f"a digit more in a written number, {ground}", (*before, more), level, paper)
        more = words("3", number_left - 6.5, y)
        yield Letter(f"a digit before a written number, {ground}", (*before, more), level, paper)
        more = words("1", day_left - 5, y, font="italic")
        yield Letter(f"a digit before a written day, {ground}", (*before, more), level, paper)
        for who in (STRANGE_AGENCY, STRANGER, LEADER, DRAFTER, COLLEAGUE, COPYCAT):
            yield Letter(f"number by {who}, {ground}", (*before, number(who=who)), level, blank)
        yield Letter(f"day and month by {STRANGE_AGENCY}, {ground}", (*before, day(who=STRANGE_AGENCY)), level, blank)
        again = (*before, number("21"), written(NUMBER, "8", shift=17.0))
        yield Letter(f"a digit more after the clerk's number, {ground}", again, level, blank)
    more = words("1", day_left + day_wide, y)
    yield Letter(f"a digit after a written day, P={level}", (*before, more), level, Paper("written"))
    again = (*before, number(), day("2"), month(), written(DAY, "9", shift=11.0))
    yield Letter(f"day changed after issue, P={level}", again, level)
    for part, text in ((DAY, "32"), (MONTH, "13"), (NUMBER, "0"), (NUMBER, "12A"), (DAY, "không")):
        yield Letter(f"“{text}” into a blank, P={level}", (*before, written(part, text)), level)
    for head in ("dots", "party", "year in the sign", "month printed"):
        acts = (*before, number(who=COLLEAGUE, head=head))
        yield Letter(f"number by a colleague, head: {head}, P={level}", acts, level, Paper(head))
    more = written(MONTH, "1", head="month printed", shift=-2.0)
    yield Letter(f"a digit before the printed month, P={level}", (*before, more), level, Paper("month printed"))
    stroke = (number_left - 1, y - 4, number_left + number_wide + 1, y + 12)
    over = drawn(f"{number_left + 1} {y + 4.5} m {number_left + 5} {y + 4.5} l 1 w S", stroke)
    yield Letter(f"a stroke through a written digit, P={level}", (*before, over), level, Paper("written"))


def _in_text(level: int | None) -> Iterator[Letter]:
    before: Sequence[Act] = (leader(),)
    for scan in (False, True):
        ground, paper = f"P={level}{' scanned' * scan}", Paper(scan=scan)
        money = words(".000", 85 + text_width(AMOUNT, 13) + 0.5, AMOUNT_Y)
        yield Letter(f"amount completed by the agency, {ground}", (*before, stamp(), money), level, paper)
        gap = words("500.000", 85 + text_width("Số tiền phạt: ", 13), COST_Y)
        yield Letter(f"a blank of the text filled by the agency, {ground}", (*before, stamp(), gap), level, paper)
        sealed = Act(AGENCY, (150, 560, 250, 660), (Pixels(seal(), (152, 562, 248, 658)),))
        yield Letter(f"a seal over the amount, {ground}", (*before, sealed), level, paper)
        left = 85 + text_width("Điều 2. Bên B ", 13)
        hidden = drawn(f"1 g {left} 617 30 12 re f", (left, 616, left + 31, 631))
        yield Letter(f"a word hidden by the agency, {ground}", (*before, hidden), level, paper)
    minus = words("1", 85 + text_width(COST, 13) + 2, COST_Y)
    yield Letter(f"a digit after the last word, P={level}", (*before, minus), level)
    for who in (AGENCY, COLLEAGUE):
        clause = words("Bên B trả thêm 5 triệu đồng", 100, 420, who)
        warned = "" if level else "WORDS-ADDED-BY-SIGNATURE"
        yield Letter(f"a clause by {who}, P={level}", (*before, clause), level, warned=warned)
    clause = words("Riêng hộ ông A được miễn", 100, 420).on(1)
    warned = "" if level else "WORDS-ADDED-BY-SIGNATURE"
    yield Letter(f"a clause on the annex, P={level}", (*before, clause), level, Paper(behind="annex"), warned)
    line = words("4. Nguyễn Văn Mẫu, 900.000 đồng", 90, 842 - 190 - 22 * 9).on(1)
    yield Letter(f"a line more in the annex, P={level}", (*before, line), level, Paper(behind="annex"), warned)
    low = Act(AGENCY, (90, 540, 190, 640), (Pixels(seal(), (92, 542, 188, 638)),), 1)
    yield Letter(f"a ring over the annex's numbers, P={level}", (*before, low), level, Paper(behind="annex"))
    ring = hung(STRANGE_AGENCY)
    yield Letter(f"another agency's ring over the annex, P={level}", (*before, ring), level, Paper(behind="annex"))


def _in_blocks(level: int | None) -> Iterator[Letter]:
    warned = "" if level else "INK-IN-ANOTHERS-BLOCK"
    for who in (COLLEAGUE, STRANGER, DRAFTER, COPYCAT):
        yield Letter(f"leader's picture by {who}, P={level}", (initials(), leader(who)), level, warned=warned)
    if level:
        yield Letter(f"leader's picture by {AGENCY}, P={level}", (initials(), leader(AGENCY)), level)
        both = Act(LEADER, stamp().rect, stamp().items)
        yield Letter(f"the seal by the leader, P={level}", (initials(), leader(), both), level)
        yield Letter(f"the seal by {STRANGE_AGENCY}, P={level}", (initials(), leader(), stamp(STRANGE_AGENCY)), level)
        later = Act(COLLEAGUE, (358, 232, 468, 296), (Pixels(handwriting(5), (364, 238, 456, 290)),))
        yield Letter(f"a second hand over the leader's, P={level}", (initials(), leader(), later), level)
