"""One change to a paper, as a forger who prints it anew would make it, and where it stands."""

from __future__ import annotations

import random

from tests.scans.papers import MM_PER_POINT, Seal, Sheet, Signature, Word, name, width_mm

Place = tuple[float, float, float, float]
"""(left, top, right, bottom) in millimetres on the sheet."""

TONE_MARK, SMALL_TONE_MARK = "tone mark ≥ 13 pt", "tone mark 11 pt"
KINDS = ("digit", "date", TONE_MARK, SMALL_TONE_MARK, "name", "amount", "line", "seal", "signature", "page")
SMALL_POINTS = 12
"""Below it a tone mark is a small one."""
LOOK_ALIKE = dict(zip("0123456789", ("86", "74", "73", "85", "19", "63", "58", "12", "30", "40"), strict=True))
LETTERS = ("aàáảãạăằắẳẵặâầấẩẫậ", "eèéẻẽẹêềếểễệ", "iìíỉĩị", "oòóỏõọôồốổỗộơờớởỡợ", "uùúủũụưừứửữự", "yỳýỷỹỵ", "dđ", "DĐ")


def forge(sheet: Sheet, kind: str, seed: int) -> Place:
    """Change the sheet; the place of the change. ``page`` is another paper altogether (see ``generator.pair``)."""
    r = random.Random(seed + 77)
    if kind in {"digit", "date"}:
        return _digit(sheet, kind, r)
    if kind in {TONE_MARK, SMALL_TONE_MARK}:
        return _tone_mark(sheet, kind == SMALL_TONE_MARK, r)
    if kind == "seal":
        x, y = r.uniform(110, 150), r.uniform(215, 255)
        sheet.seals.append(Seal(x, y, r.randint(0, 10**6), r.uniform(-25, 25)))
        return x - 18, y - 18, x + 18, y + 18
    if kind == "signature":
        x, y = r.uniform(125, 165), r.uniform(218, 245)
        sheet.signatures.append(Signature(x, y, r.randint(0, 10**6)))
        return x - 17, y - 10, x + 17, y + 10
    return {"name": _name, "amount": _amount, "line": _line}[kind](sheet, r)


def _digit(sheet: Sheet, kind: str, r: random.Random) -> Place:
    field = "date" if kind == "date" else "number"
    word = r.choice([each for each in sheet.words if each.kind == field and any(c.isdigit() for c in each.text)])
    at = r.choice([i for i, letter in enumerate(word.text) if letter.isdigit()])
    old = word.text[at]
    look_alike = r.random() < 0.5
    new = r.choice(LOOK_ALIKE[old] if look_alike else "0123456789".replace(old, ""))
    return _replaced(word, at, new)


def _tone_mark(sheet: Sheet, small: bool, r: random.Random) -> Place:
    names = [each for each in sheet.words if each.kind == "name" and (each.points < SMALL_POINTS) == small]
    word = r.choice([each for each in names if any(map(_family, each.text))])
    at = r.choice([i for i, letter in enumerate(word.text) if _family(letter)])
    return _replaced(word, at, r.choice(_family(word.text[at]).replace(word.text[at], "")))


def _family(letter: str) -> str:
    return next((each for each in LETTERS if letter in each), "")


def _replaced(word: Word, at: int, new: str) -> Place:
    left, right = (word.x + width_mm(word.text[:end], word.style, word.points) for end in (at, at + 1))
    word.text = word.text[:at] + new + word.text[at + 1 :]
    return left - 0.6, word.y - 0.5, right + 0.6, word.y + word.points * MM_PER_POINT * 1.25


def _name(sheet: Sheet, r: random.Random) -> Place:
    word = r.choice([each for each in sheet.words if each.kind == "name"])
    before, old = place_of(word), word.text
    while word.text == old:
        word.text = name(r).upper() if old.isupper() else name(r)
    after = place_of(word)
    return before[0], before[1], max(before[2], after[2]), before[3]


def _amount(sheet: Sheet, r: random.Random) -> Place:
    word = r.choice([each for each in sheet.words if each.kind == "amount"])
    first = word.text[0]
    new = r.choice("123456789".replace(first, ""))
    if r.random() < 0.5:
        return _replaced(word, 0, new)
    before = place_of(word)
    word.text = new + word.text
    after = place_of(word)
    return before[0], before[1], max(before[2], after[2]), before[3]


def _line(sheet: Sheet, r: random.Random) -> Place:
    lines: dict[str, list[Word]] = {}
    for word in sheet.words:
        if word.line is not None:
            lines.setdefault(word.line, []).append(word)
    chosen = r.choice(sorted(key for key, words in lines.items() if sum(len(word.text) for word in words) > 8))
    places = [place_of(word) for word in lines[chosen]]
    sheet.words = [word for word in sheet.words if word.line != chosen]
    return (
        min(place[0] for place in places),
        min(place[1] for place in places),
        max(place[2] for place in places),
        max(place[3] for place in places),
    )


def place_of(word: Word) -> Place:
    """The box around a word."""
    right = word.x + width_mm(word.text, word.style, word.points)
    return word.x - 0.5, word.y - 0.3, right + 0.5, word.y + word.points * MM_PER_POINT * 1.25
