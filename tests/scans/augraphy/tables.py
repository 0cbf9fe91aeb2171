"""The page ``docs/rates-augraphy.md``: what the comparison does under another program's noise, beside our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.scans.captures import CAPTURES
from tests.scans.forgeries import KINDS, SMALL_TONE_MARK, TONE_MARK
from tests.scans.judging import Judged, alarm, hit, left_out, share_text

AUGRAPHY, ALONE, OURS = "augraphy", "alone", "ours"
SCAN, COPIER, PHONE = "scan 200", "photocopy", "phone"
NOISES = (
    ("Jpeg", SCAN),
    *((name, SCAN) for name in ("InkBleed", "Folding", "BleedThrough", "DirtyRollers", "LightingGradient")),
    *((name, SCAN) for name in ("Brightness", "Gamma", "NoiseTexturize", "SubtleNoise")),
    *((name, COPIER) for name in ("LowInkRandomLines", "Letterpress", "DirtyDrum", "BadPhotoCopy")),
    *((name, PHONE) for name in ("LightingGradient", "ShadowCast")),
)
"""Each kind of noise in ``noise.py``, and a capture that has it."""
TONE_MARKS = frozenset({TONE_MARK, SMALL_TONE_MARK})
HEAD = """# The comparison of scans under another program's noise

[rates.md](rates.md) measures with captures of our own making; whoever makes both the noise and the comparison may
have taught the one to the other. Here **{pairs} papers** ({forged} with one forgery, {genuine} genuine; seeds
from 27,000,000, not used in tuning anything) are captured twice: by Augraphy 8.2, which nobody here wrote, and by our
own captures. Written by `make rates-augraphy` (`ARGS='--pairs N'`; it goes on where it stopped), as it came out:
neither the comparison nor the noise was changed after the first pair.

A hit, a miss and the brackets (Wilson bounds, 95 %) are those of rates.md.
"""
FOOT = """## What stands in the way

By a look at boxed places of the first pages under one kind of noise alone: Folding strews black dots of one pixel along
the crease, and lines of text step up to 1.2 mm within a few centimetres; NoiseTexturize covers the whole sheet with
grey blotches as wide as a letter's strokes and wider; Letterpress takes ink out of letters and seals; LowInkRandomLines
draws white lines through print. DirtyDrum and DirtyRollers lay dark stripes over the sheet. Each of the three misses in
the first 60 pairs has NoiseTexturize on its page. All of this is a difference that stands on one of the two sheets, so
the comparison boxes it: an officer sees many boxes, where one with a forged digit among them is easily overlooked. A
change that is "found" beside twenty false boxes was found by rule, not for people: see "found, and nothing else boxed".

## What is simulated

Papers, forgeries, references and the geometry of the copy (turn, stretch, feed, perspective, with the optics' blur) are
those of rates.md; the reference is our scan at 200 or 300 dpi. Augraphy makes the copy's noise, each kind by chance
from the page's seed (`tests/scans/augraphy/noise.py` has the ranges and how often):

* every copy: InkBleed, Folding (shifts the sheet beside the crease by up to 1.2 mm), BleedThrough (the page's own
  back, mirrored), Brightness, Gamma, NoiseTexturize, SubtleNoise, and always Jpeg (55 to 95, messenger 50 to 80);
* scans: DirtyRollers, LightingGradient (weak); photocopies are grey and have LowInkRandomLines, Letterpress, DirtyDrum
  and a mild BadPhotoCopy before that; photos: LightingGradient (strong), ShadowCast.

Left out is what paints content or takes it away (Markup, Scribbles, Stains, BindingsAndFasteners, WaterMark, Hollow,
InkColorSwap, LinesDegradation, SectionShift and the like): a box there would be right, or nobody could read the page.
Geometric is left out too: it turns by whole degrees and without interpolation. Ranges were set once, from the
augmentations' documentation and a look at a page of plain text, before any comparison. Our own copies may have a staple
or holes (counted apart), Augraphy's have none.
"""


@dataclass(frozen=True)
class Row:
    """One comparison: whose noise, and which kinds of it (Augraphy's names; none known of our own)."""

    judged: Judged
    noise: str
    applied: tuple[str, ...]


def table(rows: Sequence[Row]) -> str:
    """The page."""
    seeds, others = ({row.judged.seed for row in rows if row.noise == noise} for noise in (AUGRAPHY, OURS))
    twice = sorted((row for row in rows if row.judged.seed in seeds & others), key=lambda row: row.judged.seed)
    theirs = [row for row in twice if row.noise == AUGRAPHY]
    ours = [row.judged for row in twice if row.noise == OURS]
    judged = [row.judged for row in theirs]
    head = HEAD.format(pairs=len(judged), forged=len(_forged(judged)), genuine=len(_genuine(judged)))
    single = [row for row in rows if row.noise == ALONE]
    tables = (
        _beside(judged, ours),
        _by_noise(theirs),
        _alone(single),
        _without(theirs, single),
        _by_capture(judged),
        _failures(theirs),
    )
    return "\n".join((head, *tables, FOOT))


def _beside(theirs: Sequence[Judged], ours: Sequence[Judged]) -> str:
    lines = ["## Beside each other: the same papers and forgeries\n", "| | Augraphy | our captures |", "|---|---|---|"]

    def line(name: str, cell: str, other: str) -> None:
        lines.append(f"| {name} | {cell} | {other} |")

    for name, kinds in (
        ("found, all but tone marks", set(KINDS) - TONE_MARKS),
        ("found, tone marks", TONE_MARKS),
        ("found, all", set(KINDS)),
    ):
        cells = [share_text([row for row in _forged(side) if row.kind in kinds], hit) for side in (theirs, ours)]
        line(name, *cells)
    line("found, and nothing else boxed", *(share_text(_forged(side), _clearly) for side in (theirs, ours)))
    line("genuine pages with a false box", *(share_text(_genuine(side), alarm) for side in (theirs, ours)))
    line("false boxes on a forged page", *(_boxes(_forged(side)) for side in (theirs, ours)))
    line("forged pages with a false box", *(share_text(_forged(side), alarm) for side in (theirs, ours)))
    line("genuine pages not comparable", *(share_text(_genuine(side), left_out) for side in (theirs, ours)))
    line("forged pages not comparable", *(share_text(_forged(side), left_out) for side in (theirs, ours)))
    return "\n".join([*lines, ""])


def _by_capture(theirs: Sequence[Judged]) -> str:
    lines = [
        "## Augraphy, by capture\n",
        "| capture | found | genuine, with a false box | false boxes on a forged page | genuine, not comparable |",
        "|---|---|---|---|---|",
    ]
    for how in CAPTURES:
        of_how = [row for row in theirs if row.how == how]
        forged, genuine = _forged(of_how), _genuine(of_how)
        cells = (share_text(forged, hit), share_text(genuine, alarm), _boxes(forged), share_text(genuine, left_out))
        lines.append(f"| {how} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _by_noise(theirs: Sequence[Row]) -> str:
    lines = [
        "## Augraphy, by kind of noise on the page\n",
        "Several kinds stand on one page: a line counts pages with it, not what it alone did (the next table does).\n",
        "| noise | found with it | a false box with it | a false box without it | not comparable with it |",
        "|---|---|---|---|---|",
    ]
    for name in sorted({name for row in theirs for name in row.applied}):
        pages = [row.judged for row in theirs if name in row.applied]
        others = [row.judged for row in theirs if name not in row.applied]
        cells = (
            share_text(_forged(pages), hit),
            share_text(pages, alarm),
            share_text(others, alarm),
            share_text(pages, left_out),
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _alone(single: Sequence[Row]) -> str:
    lines = [
        "## Augraphy, one kind of noise alone (and Jpeg) on genuine pages\n",
        "| noise | capture | pages | with a false box | false boxes | not comparable |",
        "|---|---|---|---|---|---|",
    ]
    for name, how in NOISES:
        rows = [row.judged for row in single if row.judged.how == how and _only(row) == name]
        boxes = ", ".join(str(row.false_boxes) for row in rows) or "–"
        counts = f"{len(rows)} | {sum(map(alarm, rows))} | {boxes} | {sum(map(left_out, rows))}"
        lines.append(f"| {name} | {how} | {counts} |")
    return "\n".join([*lines, ""])


def _without(theirs: Sequence[Row], single: Sequence[Row]) -> str:
    """The pairs whose copy has none of the kinds of noise that are boxed wherever they stand alone."""
    boxed = {name for name, _ in NOISES}
    boxed -= {_only(row) for row in single if not alarm(row.judged)}
    boxed &= {_only(row) for row in single}
    if not boxed:
        return ""
    rest = [row.judged for row in theirs if not boxed & set(row.applied)]
    return (
        f"Each page under {', '.join(sorted(boxed))} alone was boxed. The pairs above with none of these on the copy "
        f"(a choice made after the run, so no rate to rely on): {share_text(_forged(rest), hit)} found, false boxes on "
        f"{share_text(rest, alarm)} of the pages.\n"
    )


def _only(row: Row) -> str:
    return next((name for name in row.applied if name != "Jpeg"), "Jpeg")


def _failures(theirs: Sequence[Row]) -> str:
    failed = [row for row in theirs if row.judged.found is False or alarm(row.judged) or left_out(row.judged)]
    if not failed:
        return "## Each failure\n\nNone.\n"
    lines = ["## Each failure\n", "| seed | change | capture | what | noise on the page |", "|---|---|---|---|---|"]
    for row in failed:
        one = row.judged
        lines.append(f"| {one.seed} | {one.kind} | {one.how} | {_what(one)} | {', '.join(row.applied)} |")
    return "\n".join([*lines, ""])


def _what(one: Judged) -> str:
    words = ["missed"] if one.found is False else []
    if one.false_boxes:
        words.append(f"false boxes: {one.false_boxes}")
    if left_out(one):
        words.append("not comparable")
    return "; ".join(words)


def _forged(rows: Sequence[Judged]) -> list[Judged]:
    return [row for row in rows if row.found is not None]


def _genuine(rows: Sequence[Judged]) -> list[Judged]:
    return [row for row in rows if row.found is None]


def _clearly(row: Judged) -> bool:
    return hit(row) and not alarm(row)


def _boxes(forged: Sequence[Judged]) -> str:
    return f"{sum(row.false_boxes for row in forged) / len(forged):.2f} (n={len(forged)})" if forged else "–"
