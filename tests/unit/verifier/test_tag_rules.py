"""How the structure tree may grow, rule by rule, on papers of a few objects: by the elements of new widgets."""

from __future__ import annotations

import pytest

from tests.unit.verifier.objects_maker import changes_of, document
from tests.unit.verifier.test_signing_rules import SIGNATURE, widget
from verifier.changes.vocabulary import ChangeKind

TREE: dict[int, bytes] = {
    20: b"<< /Type /StructTreeRoot /K [21 0 R] /ParentTree 22 0 R /ParentTreeNextKey 1 >>",
    21: b"<< /Type /StructElem /S /Document /P 20 0 R /K [23 0 R 25 0 R] >>",
    22: b"<< /Nums [0 [23 0 R 25 0 R]] >>",
    23: b"<< /Type /StructElem /S /P /P 21 0 R /Pg 4 0 R /K 0 >>",
    25: b"<< /Type /StructElem /S /P /P 21 0 R /Pg 4 0 R /K 1 >>",
}
ROOT = b"/StructTreeRoot 20 0 R"
OBJECT = b"<< /Type /OBJR /Obj 5 0 R /Pg 4 0 R >>"
ELEMENT = b"<< /Type /StructElem /S /Form /P 21 0 R /K %s %s >>"
GROWN: dict[int, bytes] = {
    20: TREE[20].replace(b"NextKey 1", b"NextKey 2"),
    21: TREE[21].replace(b"25 0 R]", b"25 0 R 24 0 R]"),
    22: b"<< /Nums [0 [23 0 R 25 0 R] 1 24 0 R] >>",
    24: ELEMENT % (OBJECT, b""),
}
ADDED, CHANGED, SIGNED = ChangeKind.TAGS_ADDED, ChangeKind.TAGS, ChangeKind.SIGNATURE_FIELD_ADDED


def told(changed: dict[int, bytes], *, root: bytes = ROOT, page: bytes = b"") -> set[ChangeKind]:
    """The kinds of change where a signature field (5) comes so: that the tree was changed, or the others."""
    before = document({**TREE, 9: b"<< >>"}, catalog=ROOT)
    field = {5: widget(b"/StructParent 1"), 6: SIGNATURE}
    after = document(
        {**TREE, 9: b"<< >>", **field, **changed}, fields=b"5 0 R", notes=b"5 0 R", catalog=root, page=page
    )
    found = {change.kind for change in changes_of(before, after)}
    assert SIGNED in found
    return {CHANGED} if CHANGED in found else found - {SIGNED}


def test_the_tree_grows_by_the_element_of_a_new_widget() -> None:
    assert told({}) == set()
    assert told(GROWN) == {ADDED}
    assert told({**GROWN, 21: TREE[21].replace(b"[23 0 R 25", b"[24 0 R 23 0 R 25")}) == {ADDED}
    assert told({**GROWN, 24: ELEMENT % (b"[%s]" % OBJECT, b"")}) == {ADDED}


@pytest.mark.parametrize("key", [b"/Pg 4 0 R", b"/ID (x)", b"/T (x)", b"/R 1", b"/NS null", b"/Alt (Chu ky)"])
def test_what_the_element_of_a_widget_may_say(key: bytes) -> None:
    assert told({**GROWN, 24: ELEMENT % (OBJECT, key)}) == {ADDED}


@pytest.mark.parametrize("key", [b"/ActualText (x)", b"/E (x)", b"/A << /O /Layout >>", b"/C /x", b"/Lang (vi)"])
def test_what_it_may_not_say(key: bytes) -> None:
    assert told({**GROWN, 24: ELEMENT % (OBJECT, key)}) == {CHANGED}


def test_an_alternate_text_is_a_widgets() -> None:
    assert told({**GROWN, 24: (ELEMENT % (OBJECT, b"/Alt (x)")).replace(b"/Form", b"/P")}) == {CHANGED}
    assert told({**GROWN, 24: ELEMENT % (b"[]", b"/Alt (x)")}) == {CHANGED}


@pytest.mark.parametrize(
    "kid",
    [
        b"2",
        b"<< /Type /MCR /Pg 4 0 R /MCID 2 >>",
        b"23 0 R",
        b"<< >>",
        b"<< /Type /OBJR /Obj 4 0 R >>",
        b"<< /Type /OBJR >>",
        b"9 0 R",
    ],
)
def test_a_new_element_has_nothing_of_the_page(kid: bytes) -> None:
    assert told({**GROWN, 24: ELEMENT % (kid, b"")}) == {CHANGED}
    assert told({**GROWN, 24: ELEMENT % (b"[%s %s]" % (OBJECT, kid), b"")}) == {CHANGED}
    nested = {24: ELEMENT % (b"26 0 R", b""), 26: ELEMENT % (kid, b"")}
    assert told({**GROWN, **nested}) == {CHANGED}


def test_elements_within_elements() -> None:
    """Down to a depth; those that lead back to themselves are looked at once."""
    inner = {26: ELEMENT % (b"[%s]" % OBJECT, b"")}
    assert told({**GROWN, 24: ELEMENT % (b"26 0 R", b""), **inner}) == {ADDED}
    assert told({**GROWN, 24: ELEMENT % (b"[24 0 R %s]" % OBJECT, b"")}) == {ADDED}
    for depth, expected in ((40, ADDED), (41, CHANGED)):
        direct = OBJECT
        for _ in range(depth - 1):
            direct = b"<< /S /Div /K %s >>" % direct
        chain = {30 + index: ELEMENT % (b"%d 0 R" % (31 + index), b"") for index in range(depth - 1)}
        chain[30 + depth - 1] = ELEMENT % (OBJECT, b"")
        assert told({**GROWN, 24: ELEMENT % (b"30 0 R", b""), **chain}) == {expected}


@pytest.mark.parametrize(
    "changed",
    [
        {21: TREE[21].replace(b"25 0 R]", b"]")},
        {21: TREE[21].replace(b"[23 0 R 25 0 R]", b"[25 0 R 23 0 R]")},
        {21: TREE[21].replace(b"/K [23 0 R 25 0 R]", b"")},
        {21: TREE[21].replace(b"/Document", b"/Part")},
        {21: TREE[21].replace(b"25 0 R]", b"25 0 R 2]")},
        {23: TREE[23].replace(b"/K 0", b"/K [0 1]")},
        {23: TREE[23].replace(b"/K 0", b"/K 1")},
        {23: TREE[23].replace(b"/K 0", b"/K 0 /ActualText (x)")},
        {20: TREE[20].replace(b"/ParentTree 22", b"/RoleMap << /P /H1 >> /ParentTree 22")},
        {22: b"<< /Nums [0 [25 0 R 23 0 R]] >>"},
        {22: b"<< /Nums [1 [23 0 R 25 0 R]] >>"},
        {22: b"[0 [23 0 R 25 0 R]]"},
        {22: b"<< /Nums [] >>"},
    ],
)
def test_what_was_there_stays(changed: dict[int, bytes]) -> None:
    assert CHANGED in told({**GROWN, **changed})


def test_the_tree_of_parents_may_be_built_anew() -> None:
    leaves = b"<< /Kids [<< /Limits [0 0] /Nums [0 [23 0 R 25 0 R]] >> << /Limits [1 1] /Nums [1 24 0 R] >>] >>"
    anew = {**GROWN, 20: GROWN[20].replace(b"22 0 R", b"27 0 R"), 22: TREE[22]}
    assert told({**anew, 27: leaves}) == {ADDED}
    assert told({**anew, 27: GROWN[22]}) == {ADDED}
    assert told({**anew, 27: leaves.replace(b"[23 0 R 25 0 R]", b"[25 0 R]")}) == {CHANGED}
    assert told({**anew, 27: b"<< /Nums [1 24 0 R] >>"}) == {CHANGED}


def test_another_root() -> None:
    assert told({30: TREE[20]}, root=b"/StructTreeRoot 30 0 R") == set()
    other = {30: TREE[20].replace(b"[21 0 R]", b"[23 0 R]")}
    assert told(other, root=b"/StructTreeRoot 30 0 R") == {CHANGED}
    assert told({}, root=b"") == {CHANGED}


def test_a_tree_where_none_was() -> None:
    before = document(TREE)
    assert {change.kind for change in changes_of(before, document(TREE, catalog=ROOT))} == {CHANGED}


def test_a_field_that_was_there_gets_its_element() -> None:
    """An empty signature field without one, where it is signed."""
    for old, new, kid, expected in (
        (b"", b"/V 6 0 R /StructParent 1", OBJECT, {ADDED, ChangeKind.SIGNATURE_ADDED}),
        (b"/StructParent 1", b"/V 6 0 R /StructParent 1", OBJECT, {ADDED, CHANGED, ChangeKind.SIGNATURE_ADDED}),
        (b"/V 6 0 R", b"/V 6 0 R", OBJECT, {ADDED, CHANGED}),
    ):
        tree = {**TREE, 6: SIGNATURE}
        before = document({**tree, 5: widget(old, value=b"")}, fields=b"5 0 R", notes=b"5 0 R", catalog=ROOT)
        signed = {**tree, **GROWN, 24: ELEMENT % (kid, b""), 5: widget(new, value=b"")}
        if b"/V" not in old:
            signed[6] = SIGNATURE.replace(b"<00>", b"<01>")
        after = document(signed, fields=b"5 0 R", notes=b"5 0 R", catalog=ROOT)
        assert {change.kind for change in changes_of(before, after)} == expected


def test_an_element_of_another_kind_of_field_that_was_there() -> None:
    text = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (S) /P 4 0 R /F 4 /Rect [0 0 9 9] >>"
    before = document({**TREE, 5: text}, fields=b"5 0 R", notes=b"5 0 R", catalog=ROOT)
    after = document({**TREE, **GROWN, 5: text}, fields=b"5 0 R", notes=b"5 0 R", catalog=ROOT)
    assert {change.kind for change in changes_of(before, after)} == {ADDED, CHANGED}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"", b"/StructParents 0", set()),
        (b"", b"/StructParents (x)", {CHANGED}),
        (b"/StructParents 0", b"/StructParents 1", {CHANGED}),
        (b"", b"/Tabs /S", set()),
        (b"", b"/Tabs /R", {ChangeKind.TAB_ORDER}),
        (b"/Tabs /R", b"/Tabs /S", {ChangeKind.TAB_ORDER}),
        (b"", b"/UserUnit 2", {ChangeKind.PAGE_GEOMETRY}),
    ],
)
def test_a_pages_part_in_the_tree(before: bytes, after: bytes, expected: set[ChangeKind]) -> None:
    found = changes_of(document({}, page=before), document({}, page=after))
    assert {change.kind for change in found} == expected
