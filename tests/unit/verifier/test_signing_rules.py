"""What signing may write, rule by rule, on papers of a few objects: new fields, nodes above them, empty ones signed."""

from __future__ import annotations

import pytest

from tests.unit.verifier.objects_maker import changes_of, document, stream_of
from verifier.changes.revision_objects import Ref
from verifier.changes.vocabulary import Change, ChangeKind, Place

SIGNATURE = (
    b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00> >>"
)
STAMP = b"<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /ByteRange [0 1 2 3] /Contents <00> >>"
SEEN, UNSEEN = b"[10 10 60 40]", b"[0 0 0 0]"
DRAWING = stream_of(b"/Type /XObject /Subtype /Form /BBox [0 0 50 30]", b"0 0 50 30 re f")
BLANK = stream_of(b"/Type /XObject /Subtype /Form /BBox [0 0 50 30]", b"q Q")
PICTURE = b"/AP << /N 7 0 R >>"
PLACE = Place(0, (10, 10, 60, 40), (6, 0))


def widget(more: bytes = b"", *, rectangle: bytes = UNSEEN, flags: int = 132, value: bytes = b"/V 6 0 R") -> bytes:
    """A signature field with its widget in one; ``more`` are further entries."""
    own = b"/Type /Annot /Subtype /Widget /FT /Sig /T (S) /P 4 0 R"
    return b"<< %s /F %d /Rect %s %s %s >>" % (own, flags, rectangle, value, more)


def added(
    field: bytes, value: bytes = SIGNATURE, judged: frozenset[Ref] | None = None, **more: bytes
) -> tuple[Change, ...]:
    """The changes where a field (5), its value (6), a drawing (7) and a blank form (8) come; ``o9`` is object 9."""
    others = {int(key[1:]): body for key, body in more.items()}
    after = {5: field, 6: value, 7: DRAWING, 8: BLANK, **others}
    return changes_of(document({}), document(after, fields=b"5 0 R", notes=b"5 0 R"), judged)


def kinds(found: tuple[Change, ...]) -> list[ChangeKind]:
    return sorted(change.kind for change in found)


def test_a_field_that_came_with_its_signature() -> None:
    assert added(widget()) == (Change(ChangeKind.SIGNATURE_FIELD_ADDED, "S"),)
    assert added(widget(PICTURE, rectangle=SEEN)) == (Change(ChangeKind.SIGNATURE_FIELD_ADDED, "S", (PLACE,)),)


def test_a_time_stamp_draws_nothing() -> None:
    by_subfilter = STAMP.replace(b"/DocTimeStamp", b"/Sig")
    by_type = STAMP.replace(b"/ETSI.RFC3161", b"/adbe.pkcs7.detached")
    for value in (STAMP, by_subfilter, by_type):
        assert added(widget(), value) == (Change(ChangeKind.TIMESTAMP_ADDED, "S"),)
        assert kinds(added(widget(PICTURE, rectangle=SEEN), value)) == [ChangeKind.PICTURE_WITHOUT_SIGNATURE]


@pytest.mark.parametrize("missing", [b"/ByteRange [0 1 2 3]", b"/Contents <00>"])
def test_a_value_that_is_no_signature(missing: bytes) -> None:
    assert kinds(added(widget(), SIGNATURE.replace(missing, b""))) == [ChangeKind.PICTURE_WITHOUT_SIGNATURE]


def test_a_signature_dictionary_has_no_content_beside_it() -> None:
    assert kinds(added(widget(), SIGNATURE.replace(b">>", b"/X 7 0 R >>"))) == [ChangeKind.FIELD_OTHER]
    assert kinds(added(widget(), b"(x)")) == [ChangeKind.PICTURE_WITHOUT_SIGNATURE]


def test_a_picture_belongs_to_a_signature_that_the_report_judges() -> None:
    seen, judged = widget(PICTURE, rectangle=SEEN), frozenset({(6, 0)})
    assert kinds(added(seen, judged=judged)) == [ChangeKind.SIGNATURE_FIELD_ADDED]
    assert kinds(added(seen, judged=frozenset())) == [ChangeKind.PICTURE_WITHOUT_SIGNATURE]
    assert kinds(added(widget(), judged=frozenset())) == [ChangeKind.SIGNATURE_FIELD_ADDED]


def test_a_signature_of_before_is_not_used_again() -> None:
    before = document({6: SIGNATURE})
    same = document({5: widget(), 6: SIGNATURE}, fields=b"5 0 R", notes=b"5 0 R")
    assert kinds(changes_of(before, same)) == [ChangeKind.SIGNATURE_REUSED]
    written = document({5: widget(), 6: SIGNATURE.replace(b"<00>", b"<01>")}, fields=b"5 0 R", notes=b"5 0 R")
    assert kinds(changes_of(before, written)) == [ChangeKind.SIGNATURE_FIELD_ADDED]


def test_a_field_that_nobody_signed() -> None:
    assert kinds(added(widget(value=b""))) == [ChangeKind.SIGNATURE_FIELD_EMPTY]
    assert kinds(added(widget(PICTURE, rectangle=SEEN, value=b""))) == [ChangeKind.PICTURE_WITHOUT_SIGNATURE]


UNKNOWN = [ChangeKind.FIELD_ADDED]


@pytest.mark.parametrize(
    "field",
    [
        widget().replace(b"/T (S)", b""),
        widget().replace(b"/FT /Sig", b""),
        widget().replace(b"/FT /Sig", b"/FT /Tx"),
        widget(b"/Parent 4 0 R"),
        widget(b"/JS (x)"),
        widget().replace(b"/P 4 0 R", b"/P 3 0 R"),
        widget(flags=1 << 11),
        widget(PICTURE, rectangle=SEEN, flags=4 | 1 << 3),
        widget(PICTURE, rectangle=SEEN, flags=4 | 1 << 4),
        widget(PICTURE, rectangle=UNSEEN),
        widget(PICTURE, rectangle=SEEN, flags=1 << 0),
        widget(PICTURE, rectangle=SEEN, flags=1 << 1),
        widget(PICTURE, rectangle=SEEN, flags=1 << 5),
        widget(PICTURE, rectangle=SEEN, flags=1 << 8),
        widget(b"/AP << /N 7 0 R /R 8 0 R >>", rectangle=SEEN),
        widget(b"/AP << /N 7 0 R /D 8 0 R >>", rectangle=SEEN),
        widget(b"/AP << /R 8 0 R >>", rectangle=SEEN),
        widget(b"/AS /N", rectangle=SEEN),
        widget(b"/AS /N /AP << /N << /N 8 0 R >> >>", rectangle=SEEN),
        widget(b"/AS /On /AP << /N 8 0 R >>", rectangle=SEEN),
        widget(b"/MK << /BG [1 0 0] >>", rectangle=SEEN),
        widget(b"/BS << /W 3 >>", rectangle=SEEN),
        widget(b"/Border [0 0 3]", rectangle=SEEN),
    ],
)
def test_a_field_that_says_more_than_a_signature(field: bytes) -> None:
    assert kinds(added(field)) == UNKNOWN


def test_a_field_whose_kid_is_none() -> None:
    assert set(UNKNOWN) < set(kinds(added(widget(b"/Kids [7 0 R]"))))


@pytest.mark.parametrize(
    "field",
    [
        widget(flags=1 << 0),
        widget(flags=1 << 1),
        widget(flags=1 << 2 | 1 << 6 | 1 << 7 | 1 << 9),
        widget(flags=1 << 5),
        widget(flags=1 << 8),
        widget(flags=4 | 1 << 3),
        widget(flags=4 | 1 << 4),
        widget().replace(b"/P 4 0 R", b""),
        widget(b"/AP << /N 8 0 R /R 8 0 R /D 8 0 R >>", rectangle=SEEN),
        widget(b"/AS /N /AP << /N 8 0 R >>", rectangle=SEEN),
        widget(b"/AP << /N 8 0 R >> /MK << /BG [1 0 0] >> /BS << /W 3 >>", rectangle=SEEN),
        widget(b"/MK << /BG [1 0 0] >> /BS << /W 3 >> /Border [0 0 3]"),
        widget(b"/MK << >>", rectangle=SEEN),
        widget(b"/AP << /N 8 0 R >>"),
    ],
)
def test_what_programs_write_into_a_field(field: bytes) -> None:
    assert kinds(added(field)) == [ChangeKind.SIGNATURE_FIELD_ADDED]


APART = b"<< /FT /Sig /T (S) /V 6 0 R /Kids [9 0 R] >>"
KID = b"<< /Type /Annot /Subtype /Widget /Parent 5 0 R /P 4 0 R /F 4 /Rect [10 10 60 40] %s >>"


def apart(field: bytes = APART, kid: bytes = KID % PICTURE, before: dict[int, bytes] | None = None) -> list[ChangeKind]:
    """A field with its widget (9) apart."""
    after = {**(before or {}), 5: field, 6: SIGNATURE, 7: DRAWING, 9: kid}
    return kinds(changes_of(document(before or {}), document(after, fields=b"5 0 R", notes=b"9 0 R")))


def test_a_field_with_its_widget_apart() -> None:
    assert apart() == [ChangeKind.SIGNATURE_FIELD_ADDED]
    assert apart(kid=KID % b"/FT /Sig") == [ChangeKind.SIGNATURE_FIELD_ADDED]
    assert apart(kid=KID % b"/V 6 0 R") == UNKNOWN
    assert apart(kid=KID % b"/FT /Tx") == UNKNOWN
    assert apart(APART.replace(b"[9 0 R]", b"[9 0 R 9 0 R]")) == UNKNOWN
    assert apart(APART.replace(b"[9 0 R]", b"[9 0 R 7 0 R]")) != [ChangeKind.SIGNATURE_FIELD_ADDED]
    assert apart(APART.replace(b">>", b"/Rect [0 0 0 0] >>")) == UNKNOWN
    assert apart(before={9: b"<< /Old true >>"}) == UNKNOWN
    assert apart(kid=KID.replace(b"/P 4 0 R", b"/P 5 0 R") % b"") == UNKNOWN


def test_a_node_above_new_fields() -> None:
    field = widget(b"/Parent 9 0 R")
    node = b"<< /T (N) /Kids [5 0 R] %s >>"
    for more, expected in (
        (b"", [ChangeKind.SIGNATURE_FIELD_ADDED]),
        (b"/TU (Ky)", [ChangeKind.SIGNATURE_FIELD_ADDED]),
        (b"/FT /Sig", [ChangeKind.SIGNATURE_FIELD_ADDED, *UNKNOWN]),
        (b"/Rect [0 0 1 1]", [ChangeKind.SIGNATURE_FIELD_ADDED, *UNKNOWN]),
    ):
        after = document({5: field, 6: SIGNATURE, 9: node % more}, fields=b"9 0 R", notes=b"5 0 R")
        assert kinds(changes_of(document({}), after)) == sorted(expected)


# An empty field that was there

EMPTY = widget(value=b"")


def signed_there(
    before: bytes, after: bytes, value: bytes = SIGNATURE, more: dict[int, bytes] | None = None
) -> tuple[Change, ...]:
    """The changes where field 5 was ``before`` and is ``after``; its value (6) comes."""
    others = {7: DRAWING, 8: BLANK, **(more or {})}
    old = document({5: before, **others}, fields=b"5 0 R", notes=b"5 0 R")
    new = document({5: after, 6: value, **others}, fields=b"5 0 R", notes=b"5 0 R")
    return changes_of(old, new)


def test_an_empty_field_signed() -> None:
    assert signed_there(EMPTY, widget()) == (Change(ChangeKind.SIGNATURE_ADDED, "S"),)
    seen = widget(rectangle=SEEN, value=b"")
    drawn = widget(PICTURE, rectangle=SEEN)
    assert signed_there(seen, drawn) == (Change(ChangeKind.SIGNATURE_ADDED, "S", (PLACE,)),)
    assert signed_there(seen, drawn, STAMP) == (Change(ChangeKind.PICTURE_WITHOUT_SIGNATURE, "S"),)


def test_a_field_that_nobody_saw_and_that_draws_is_as_good_as_new() -> None:
    hidden = widget(rectangle=SEEN, value=b"", flags=6)
    assert signed_there(hidden, widget(PICTURE, rectangle=SEEN, flags=4)) == (
        Change(ChangeKind.SIGNATURE_ADDED, "S"),
        Change(ChangeKind.SIGNATURE_FIELD_ADDED, "S", (PLACE,)),
    )


def test_what_is_not_signing() -> None:
    seen = widget(rectangle=SEEN, value=b"")
    for before, after, kind in (
        (EMPTY, widget(rectangle=SEEN), ChangeKind.FIELD_OTHER),
        (seen, widget(PICTURE, rectangle=b"[10 10 70 40]"), ChangeKind.FIELD_OTHER),
        (seen, widget(PICTURE, rectangle=SEEN, value=b""), ChangeKind.PICTURE_WITHOUT_SIGNATURE),
        (seen, widget(b"/JS (x)", rectangle=SEEN), ChangeKind.FIELD_OTHER),
        (seen, widget(b"/AA << >>", rectangle=SEEN), ChangeKind.SCRIPT),
        (seen, widget(b"/Lock << /Type /Font >>", rectangle=SEEN), ChangeKind.FIELD_OTHER),
        (seen, widget(rectangle=SEEN, flags=1 << 11 | 4), ChangeKind.PICTURE_WITHOUT_SIGNATURE),
    ):
        assert kinds(signed_there(before, after)) == [kind], after


def test_a_field_signed_before_is_not_signed_again() -> None:
    old = document({5: widget(), 6: SIGNATURE}, fields=b"5 0 R", notes=b"5 0 R")
    other = {6: SIGNATURE, 9: SIGNATURE.replace(b"<00>", b"<01>")}
    again = document({5: widget(value=b"/V 9 0 R"), **other}, fields=b"5 0 R", notes=b"5 0 R")
    assert kinds(changes_of(old, again)) == [ChangeKind.SIGNATURE_CHANGED]


def test_an_appearance_that_something_else_leads_to_is_content() -> None:
    before = widget(b"/AP 9 0 R", rectangle=SEEN, value=b"")
    after = widget(b"/AP << /N 7 0 R >>", rectangle=SEEN)
    assert kinds(signed_there(before, after, more={9: b"<< /N 8 0 R >>"})) == [ChangeKind.SIGNATURE_ADDED]
    shared = {9: b"<< /N 8 0 R >>", 10: b"<< /X 9 0 R >>"}
    assert kinds(signed_there(before, after, more=shared)) == [ChangeKind.FIELD_APPEARANCE]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"/AP << /N 7 0 R >>"),
        (b"", b"/Lock << /Type /SigFieldLock /Action /All >>"),
        (b"", b"/SV << /Ff 1 >>"),
        (b"", b"/MK << /R 0 >> /AP << /N 8 0 R >>"),
        (b"", b"/TU (Nguoi ky)"),
        (b"", b"/DA (/Helv 0 Tf)"),
        (b"", b"/DR << /Font << >> >>"),
        (b"", b"/M (D:20260101)"),
        (b"", b"/NM (x)"),
        (b"", b"/BS << /W 0 >> /AP << /N 8 0 R >>"),
        (b"", b"/Border [0 0 0] /AP << /N 8 0 R >>"),
        (b"", b"/H /N"),
        (b"", b"/Q 1"),
        (b"", b"/StructParent 3"),
    ],
)
def test_what_signing_writes_into_an_empty_field(before: bytes, after: bytes) -> None:
    found = signed_there(widget(before, rectangle=SEEN, value=b""), widget(after, rectangle=SEEN))
    assert kinds(found) == [ChangeKind.SIGNATURE_ADDED]


@pytest.mark.parametrize(
    ("entry", "before", "after"),
    [
        (b"/F 132", b"/F 4", b"/F 132"),
        (b"/P 4 0 R", b"", b"/P 4 0 R"),
        (b"/Type /Annot", b"", b"/Type /Annot"),
        (b"/T (S)", b"/T (S)", b"/T <FEFF0053>"),
        (b"/Rect [0 0 0 0]", b"/Rect [10 10 60 40]", b"/Rect [0 0 0 0]"),
    ],
)
def test_what_signing_writes_anew(entry: bytes, before: bytes, after: bytes) -> None:
    old, new = EMPTY.replace(entry, before), widget().replace(entry, after)
    assert kinds(signed_there(old, new)) == [ChangeKind.SIGNATURE_ADDED]
