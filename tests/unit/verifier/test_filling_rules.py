"""What filling in a form may write, rule by rule, on papers of a few objects: buttons, choices, the form's entries."""

from __future__ import annotations

import pytest

from tests.unit.verifier.objects_maker import changes_of, document, stream_of
from tests.unit.verifier.test_signing_rules import SIGNATURE, widget
from verifier.changes.vocabulary import Change, ChangeKind, Place

FORM = stream_of(b"/Type /XObject /Subtype /Form /BBox [0 0 50 30]", b"q Q")
DRAW = b"/NeedAppearances true"
FILLED = ChangeKind.FIELD_FILLED


def field(more: bytes, *, kind: bytes = b"Tx", flags: int = 4) -> bytes:
    own = b"/Type /Annot /Subtype /Widget /FT /%s /T (S) /P 4 0 R /Rect [10 10 60 40] /F %d" % (kind, flags)
    return b"<< %s %s >>" % (own, more)


def told(before: bytes, after: bytes, form: bytes = b"", later: bytes | None = None, **more: bytes) -> set[ChangeKind]:
    """The kinds of change where field 5 was ``before`` and is ``after``, the form's entries so, and so later."""
    return {change.kind for change in filled(before, after, form, later, **more)}


def filled(
    before: bytes, after: bytes, form: bytes = b"", later: bytes | None = None, **more: bytes
) -> tuple[Change, ...]:
    others = {7: FORM, 8: FORM, **{int(key[1:]): body for key, body in more.items()}}
    old = document({5: before, **others}, fields=b"5 0 R", notes=b"5 0 R", form=form)
    new = document({5: after, **others}, fields=b"5 0 R", notes=b"5 0 R", form=form if later is None else later)
    return changes_of(old, new)


# Buttons (§12.7.5.2)

BOX = b"/AP << /N << /Yes 7 0 R /Off 8 0 R >> >> "


def button(more: bytes, flags: int = 4) -> bytes:
    return field(BOX + more, kind=b"Btn", flags=flags)


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (b"", b"/V /Yes /AS /Yes", True),
        (b"/AS /Off", b"/V /Yes /AS /Yes", True),
        (b"/V /Off /AS /Off", b"/V /Yes /AS /Yes /M (D:2026) /NM (x)", True),
        (b"", b"/V /Off /AS /Off", True),
        (b"", b"/V /Off", True),
        (b"", b"/V /Yes", False),
        (b"", b"/V /Yes /AS /Off", False),
        (b"", b"/V /No /AS /No", False),
        (b"", b"/V /No /AS /Off", False),
        (b"", b"/AS /Yes", False),
        (b"/Ff 65536", b"/Ff 65536 /V /Yes /AS /Yes", False),
        (b"/AS /Yes", b"/AS /Off", False),
        (b"", b"/V /Yes /AS /Yes /MK << /CA (x) >>", False),
    ],
)
def test_a_check_box(before: bytes, after: bytes, allowed: bool) -> None:
    found = filled(button(before), button(after))
    if allowed:
        assert found == (Change(FILLED, "S", (Place(0, (10, 10, 60, 40)),)),)
    else:
        assert found
        assert FILLED not in {change.kind for change in found}


@pytest.mark.parametrize("flags", [2, 32, 6])
def test_what_nobody_saw_is_not_filled(flags: int) -> None:
    assert FILLED not in told(button(b"", flags), button(b"/V /Yes /AS /Yes", flags))
    assert FILLED not in told(button(b"", flags), button(b"/V /Yes /AS /Yes"))


def radio(value: bytes, one: bytes, two: bytes) -> bytes:
    kid = b"<< /Subtype /Widget /Parent 5 0 R /P 4 0 R /F 4 /Rect [%d 0 %d 9] /AP << /N << /%s 7 0 R >> >> /AS /%s >>"
    objects = {
        5: b"<< /FT /Btn /T (S) /Ff 32768 /Kids [9 0 R 10 0 R] %s >>" % value,
        7: FORM,
        9: kid % (0, 9, b"A", one),
        10: kid % (20, 29, b"B", two),
    }
    return document(objects, fields=b"5 0 R", notes=b"9 0 R 10 0 R")


def test_one_of_several_buttons() -> None:
    empty = radio(b"", b"Off", b"Off")
    for value, one, two, allowed in (
        (b"/V /A", b"A", b"Off", True),
        (b"/V /B", b"Off", b"B", True),
        (b"/V /A", b"Off", b"B", False),
        (b"/V /A", b"A", b"B", False),
        (b"/V /A", b"Off", b"Off", False),
        (b"", b"A", b"Off", False),
    ):
        kinds = [change.kind for change in changes_of(empty, radio(value, one, two))]
        assert (kinds == [FILLED]) is allowed, (value, one, two)


# Texts and choices, drawn by the viewer (§12.7.5.3, §12.7.5.4)


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (b"", b"/V (An)", True),
        (b"/V ()", b"/V (An)", True),
        (b"", b"/V /An", False),
        (b"", b"/V (An) /RV (<b/>)", False),
        (b"", b"/V (An) /DA (/F1 0 Tf)", False),
        (b"/V (An)", b"/V (Binh)", False),
        (b"/Ff 8192", b"/Ff 8192 /V (An)", False),
        (b"/Ff 33554432", b"/Ff 33554432 /V (An)", False),
        (b"/Ff 1048576", b"/Ff 1048576 /V (An)", False),
        (b"/Ff 4096", b"/Ff 4096 /V (An)", True),
    ],
)
def test_a_text(before: bytes, after: bytes, allowed: bool) -> None:
    assert (told(field(before), field(after), DRAW) == {FILLED}) is allowed
    assert FILLED not in told(field(before), field(after)), "nobody draws it"


OPTIONS, PAIRS = b"/Opt [(a) (b)] ", b"/Opt [[(a) (Mot)] [(b) (Hai)]] "


@pytest.mark.parametrize(
    ("options", "after", "allowed"),
    [
        (OPTIONS, b"/V (a)", True),
        (OPTIONS, b"/V (b) /I [1]", True),
        (OPTIONS, b"/V (b) /I [0]", False),
        (OPTIONS, b"/V (b) /I [0 1]", False),
        (OPTIONS, b"/V (c)", False),
        (OPTIONS, b"/V /a", False),
        (OPTIONS, b"/V [(a)]", False),
        (PAIRS, b"/V (a)", True),
        (PAIRS, b"/V (b) /I [1]", True),
        (PAIRS, b"/V (Mot)", False),
        (OPTIONS + b"/Ff 131072 ", b"/V (c)", True),
        (OPTIONS + b"/Ff 131072 ", b"/V (c) /I [0]", False),
    ],
)
def test_a_choice(options: bytes, after: bytes, allowed: bool) -> None:
    found = told(field(options, kind=b"Ch"), field(options + after, kind=b"Ch"), DRAW)
    assert (found == {FILLED}) is allowed


def test_a_field_of_no_known_kind_is_not_filled() -> None:
    assert FILLED not in told(field(b"", kind=b"Xx"), field(b"/V (An)", kind=b"Xx"), DRAW)


def test_marks_that_say_when_a_field_was_touched() -> None:
    assert told(field(b""), field(b"/M (D:2026) /NM (x)")) == set()
    assert told(field(b"/M (D:2025)"), field(b"")) == set()
    assert told(field(b""), field(b"/M [1]")) == {ChangeKind.FIELD_OTHER}
    assert told(field(b""), field(b"/NM << >>")) == {ChangeKind.FIELD_OTHER}


def test_the_appearance_that_a_value_gets_was_its_own() -> None:
    after = button(b"").replace(b"/AP << /N << /Yes 7 0 R /Off 8 0 R >> >>", b"/AP 9 0 R /V /Yes /AS /Yes")
    before = after.replace(b"/V /Yes /AS /Yes", b"")
    assert told(before, after, o9=b"<< /N << /Yes 7 0 R >> >>") == {FILLED}


# The form's own entries (table 224)

SIGNED = widget()


def form_told(before: bytes, after: bytes, own: bytes = SIGNED) -> set[ChangeKind]:
    return told(own, own, before, after, o6=SIGNATURE, o9=b"<< /Type /Font >>", o10=b"<< /Type /Font /Name /B >>")


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (b"", b"/SigFlags 3", True),
        (b"/SigFlags 1", b"/SigFlags 3", True),
        (b"/SigFlags 3", b"/SigFlags 1", True),
        (b"/SigFlags 2", b"/SigFlags 0", True),
        (b"/SigFlags 3", b"/SigFlags 2", False),
        (b"/SigFlags 1", b"", False),
        (b"", b"/CO [5 0 R]", False),
        (b"", b"/XFA (x)", False),
    ],
)
def test_flags_of_the_form(before: bytes, after: bytes, allowed: bool) -> None:
    assert (form_told(before, after) == set()) is allowed


TEXT = field(b"")


@pytest.mark.parametrize("key", [b"/DA (/F%d 0 Tf)", b"/Q %d"])
def test_a_default_look(key: bytes) -> None:
    one, other = key % 1, key % 2
    assert form_told(b"", one, TEXT) == set()
    assert form_told(one, other, TEXT) == {ChangeKind.FORM}
    assert form_told(one, b"", TEXT) == {ChangeKind.FORM}
    assert form_told(one, other) == set(), "nothing to fill in"


FONTS = b"/DR << /Font << %s >> /ProcSet [%s] >>"


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (b"", FONTS % (b"/A 9 0 R", b""), True),
        (FONTS % (b"/A 9 0 R", b""), FONTS % (b"/A 9 0 R /B 10 0 R", b""), True),
        (FONTS % (b"/A 9 0 R", b"/PDF"), FONTS % (b"/A 9 0 R", b"/Text"), True),
        (FONTS % (b"/A 9 0 R", b""), FONTS % (b"/A 10 0 R", b""), False),
        (FONTS % (b"/A 9 0 R", b""), FONTS % (b"/B 9 0 R", b""), False),
        (FONTS % (b"/A 9 0 R", b""), b"/DR << /ProcSet [] >>", False),
        (FONTS % (b"/A 9 0 R", b""), b"", False),
        (b"", b"/DR << /JS (x) >>", False),
    ],
)
def test_default_resources(before: bytes, after: bytes, allowed: bool) -> None:
    assert (form_told(before, after, TEXT) == set()) is allowed
    assert form_told(before + DRAW, after + DRAW, TEXT), "it changes what a viewer draws"
    assert (form_told(before, after) == set()) is (b"/JS" not in after)


def test_that_viewers_draw_the_fields() -> None:
    assert form_told(b"", DRAW) == set(), "signatures have no value to draw"
    assert form_told(DRAW, b"") == set()
    assert form_told(b"", DRAW, TEXT) != set(), "nothing was filled"
    assert told(TEXT, field(b"/V (An)"), b"", DRAW) == {FILLED}
    shown = field(b"/V (An)")
    assert form_told(b"", DRAW, shown) != set()
