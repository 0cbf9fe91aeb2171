"""What an added object may be, by the table of kinds: everything that it leads to, and nothing that the table lacks."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
import pytest

from tests.unit.verifier.objects_maker import FIRST, revision_of, stream_of
from verifier.changes import kinds
from verifier.changes.kinds import conforms, conforms_in
from verifier.changes.revision_objects import reading


@pytest.fixture(autouse=True)
def _reading() -> Iterator[None]:
    with reading():
        yield


def conforming(kind: str, *bodies: bytes) -> bool:
    """Whether the first of these objects is of the kind; others have the numbers from 4 on."""
    made = revision_of(*bodies)
    found = conforms(made.get((FIRST, 0)), kind)
    made.close()
    return found


FORM = stream_of(b"/Type /XObject /Subtype /Form /BBox [0 0 1 1]")
IMAGE = stream_of(
    b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\0"
)


@pytest.mark.parametrize(
    ("kind", "body", "is_one"),
    [
        ("scalar", b"5", True),
        ("scalar", b"(a)", True),
        ("scalar", b"/A", True),
        ("scalar", b"[]", False),
        ("scalar", b"<< >>", False),
        ("scalar", stream_of(), False),
        ("plain", b"5", True),
        ("plain", b"[1 [2] << /A [3] >>]", True),
        ("plain", b"<< /A << /B [(c)] >> >>", True),
        ("plain", stream_of(), False),
        ("plain", b"[4 0 R]", False),
        ("plain", b"<< /A 4 0 R >>", False),
        ("any-reference", b"<< >>", True),
        ("=A,B", b"/A", True),
        ("=A,B", b"/B", True),
        ("=A,B", b"/C", False),
        ("=A,B", b"(A)", False),
        ("list =A", b"/A", True),
        ("list =A", b"[/A /A]", True),
        ("list =A", b"[/A /B]", False),
        ("list =A", b"[]", True),
        ("list scalar+font", b"[5 << /Type /Font >>]", True),
        ("list scalar+font", b"[5 << /Type /Page >>]", False),
        ("dss", b"<< /Type /DSS /Certs [4 0 R] >>", True),
        ("dss", b"<< /Type /DSS /Certs 4 0 R >>", True),
        ("dss", b"<< /Type /DSS /Cert [4 0 R] >>", False),
        ("dss", b"<< /Type /Font /Certs [4 0 R] >>", False),
        ("dss", b"[<< /Type /DSS >>]", False),
        ("dss", b"5", False),
        ("dss", stream_of(b"/Type /DSS"), False),
        ("evidence", stream_of(), True),
        ("evidence", b"<< >>", False),
        ("evidence", b"5", False),
        ("vris", b"<< /X << /Cert [4 0 R] >> >>", True),
        ("vris", b"<< /X << /Certs [4 0 R] >> >>", False),
        ("form|image", FORM, True),
        ("form|image", IMAGE, True),
        ("form|image", stream_of(b"/Type /XObject /Subtype /PS"), False),
        ("form|image", stream_of(b"/Subtype /Form /OC 5"), False),
        ("xobjects", b"<< /A 6 0 R >>", False),
        ("colour", b"/DeviceRGB", True),
        ("colour", b"[/ICCBased 4 0 R]", True),
        ("colour", b"[/Indexed /DeviceRGB 1 (abc)]", True),
        ("colour", b"[/CalGray << /WhitePoint [1 1 1] >>]", True),
        ("colour", b"[/Separation /X /DeviceRGB << /FunctionType 2 /N 1 >>]", True),
        ("colour", b"[/Separation /X /DeviceRGB 5 0 R]", True),
        ("colour", b"[/CalGray << /JS (x) >>]", False),
        ("colour", b"[/ICCBased 6 0 R]", False),
        ("state-of-graphics", b"<< /SMask /None /Font [4 0 R 5] >>", False),
        ("state-of-graphics", b"<< /SMask << /Type /Mask /S /Alpha >> >>", True),
        ("state-of-graphics", b"<< /SMask /None /CA .5 >>", True),
    ],
)
def test_each_kind(kind: str, body: bytes, is_one: bool) -> None:
    function = stream_of(b"/FunctionType 4 /Domain [0 1] /Range [0 1]", b"{}")
    others = (stream_of(), function, stream_of(b"/JS (x)"))
    assert conforming(kind, body, *others) is is_one


def test_nothing_is_of_every_kind() -> None:
    assert conforms(None, "dss")
    assert conforms(None, "=A")


def test_what_is_written_directly_is_no_reference() -> None:
    assert not conforms(pikepdf.Dictionary(), "any-reference")


def test_objects_that_lead_back_to_themselves() -> None:
    assert conforming("plain", b"[4 0 R 3 0 R]", b"<< /A 3 0 R /B 4 0 R >>")
    assert not conforming("plain", b"[4 0 R 3 0 R]", b"<< /A 3 0 R /B 5 0 R >>", stream_of())


def test_an_object_may_be_of_one_kind_here_and_of_none_there() -> None:
    assert not conforming("list =A+dss", b"[4 0 R 4 0 R 5 0 R]", b"<< /Type /DSS >>", b"<< /Type /Catalog >>")
    assert not conforming("font", b"<< /Type /Font /Encoding 4 0 R /Resources 4 0 R >>", stream_of())


def test_so_many_values_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MAX_VALUES", 5)
    assert conforming("plain", b"[1 2 3 4]")
    assert not conforming("plain", b"[1 2 3 4 5]")


def test_entries_by_their_keys() -> None:
    made = revision_of(b"<< /Type /DSS /Certs 4 0 R >>", stream_of(), b"<< /Certs 5 0 R >>")
    entries = dict(made.get((FIRST, 0)).items())  # type: ignore[union-attr]
    assert conforms_in(entries, "dss")
    assert conforms_in({}, "dss")
    assert not conforms_in({**entries, "/Other": None}, "dss")
    assert not conforms_in({**entries, "/OCSPs": made.get((5, 0))}, "dss")
    made.close()
