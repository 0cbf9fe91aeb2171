"""What others do with a letter before it is issued and after: none of it is green."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signer.appearance import SealDrawing
from signer.arrangement import field_parts
from signer.canvas import Typed
from signer.cms import CmsMaker
from signer.fields import FieldPlan, prepare_signature
from signer.geometry import Rect
from signer.keys import KeySigner
from signer.refusal import SealRefused
from signer.request import Appearance, Role
from tests.attacks.ink_making import text_width
from tests.unit.signer.issuing.acts import issued, led
from tests.unit.signer.issuing.letters import HEADS, Head, letter
from tests.unit.signer.sealing import Desk, now
from verifier.inputs import VerificationInput
from verifier.report import Conclusion

HEAD = Head()
BASE = HEAD.base


@pytest.fixture(scope="module", params=[False, True], ids=["P=none", "P=2"])
def signed(request: pytest.FixtureRequest, desk: Desk) -> bytes:
    return led(desk, letter(HEAD), certify=request.param)


@pytest.fixture(scope="module")
def done(signed: bytes, desk: Desk) -> bytes:
    return issued(desk, signed).data


def written_by(
    desk: Desk, document: bytes, slug: str, text: str, field: str, x: float = 3.0, box: Rect | None = None
) -> bytes:
    """The document with digits signed by this holder, in the prepared field or in a new one at its place or another."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        there = {str(one.T): one for one in pdf.Root.AcroForm.Fields}
        waiting = field in there and "/V" not in there[field]
        box = box or Rect(*(float(side) for side in there["AnTin-So"].Rect))
    key = desk.key(slug)
    look = Appearance("ai đó", None, "ai đó")
    drawing = SealDrawing(Role.AGENCY, look, desk.wording, now(), typed=Typed(text, x, BASE - box.y0, 13, False))
    plan = FieldPlan(field, 0, box, drawing.placed(field_parts(box, None)), existing=waiting)
    prepared = prepare_signature(document, plan, 9000, desk.environment.fonts, ())
    return prepared.fill(CmsMaker().make(KeySigner(key, key.chain), prepared.digest, None))


def redrawn(document: bytes, field: str, change: Callable[[generic.DictionaryObject], None]) -> bytes:
    """An update that nobody signs."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    for one in writer.root["/AcroForm"]["/Fields"]:
        if one.get_object()["/T"] == field:
            change(one.get_object())
            writer.update_container(one.get_object())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def conclusion(desk: Desk, document: bytes) -> Conclusion:
    environment = desk.environment
    return environment.verify(VerificationInput(document), environment.verification, now()).conclusion


def shows(text: bytes) -> Callable[[generic.DictionaryObject], None]:
    """Digits in the field's appearance, in a font that every program has."""

    def change(field: generic.DictionaryObject) -> None:
        font = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Font"),
                pdf_name("/Subtype"): pdf_name("/Type1"),
                pdf_name("/BaseFont"): pdf_name("/Times-Roman"),
            }
        )
        fonts = generic.DictionaryObject({pdf_name("/F"): font})
        rect = [float(side) for side in field["/Rect"]]
        size = [generic.FloatObject(value) for value in (0, 0, rect[2] - rect[0], rect[3] - rect[1])]
        form = generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject(size),
                pdf_name("/Resources"): generic.DictionaryObject({pdf_name("/Font"): fonts}),
            },
            stream_data=b"BT /F 13 Tf 4 4 Td (" + text + b") Tj ET",
        )
        field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): form})

    return change


def moved(field: generic.DictionaryObject) -> None:
    rect = [float(side) + 40 for side in field["/Rect"]]
    field[pdf_name("/Rect")] = generic.ArrayObject([generic.FloatObject(value) for value in rect])


def test_the_letter_itself_is_green(desk: Desk, signed: bytes, done: bytes) -> None:
    assert conclusion(desk, signed) is Conclusion.TOTAL_PASSED
    assert conclusion(desk, done) is Conclusion.TOTAL_PASSED


@pytest.mark.parametrize("slug", ["citizen", "company", "officer", "deputy", "stranger"])
def test_a_number_by_others_before_the_letter_is_issued(slug: str, desk: Desk, signed: bytes) -> None:
    forged = written_by(desk, signed, slug, "999", "AnTin-So")
    assert conclusion(desk, forged) is not Conclusion.TOTAL_PASSED
    with pytest.raises(SealRefused):
        issued(desk, forged)


@pytest.mark.parametrize("field", ["AnTin-So", "AnTin-CoQuan"])
def test_a_prepared_field_filled_by_nobody(field: str, desk: Desk, signed: bytes) -> None:
    assert conclusion(desk, redrawn(signed, field, shows(b"999"))) is not Conclusion.TOTAL_PASSED


@pytest.mark.parametrize("change", [shows(b"2119"), moved], ids=["another number", "moved"])
def test_the_number_changed_after_the_letter_was_issued(
    change: Callable[[generic.DictionaryObject], None], desk: Desk, done: bytes
) -> None:
    assert conclusion(desk, redrawn(done, "AnTin-So", change)) is not Conclusion.TOTAL_PASSED


@pytest.mark.parametrize("slug", ["agency", "officer", "company"])
def test_a_digit_more_after_the_letter_was_issued(slug: str, desk: Desk, done: bytes) -> None:
    """Even by the agency's own key: a number is changed by another letter."""
    forged = written_by(desk, done, slug, "1", "Them", x=1.0)
    assert conclusion(desk, forged) is not Conclusion.TOTAL_PASSED


def test_a_month_that_is_printed_is_signed_text(desk: Desk) -> None:
    head = HEADS["the month is printed"]
    end = head.date_x + text_width(head.date_text().partition(" năm")[0], head.size, "italic")
    box = Rect(end - 1, head.base - 4, end + 12, head.base + 12)
    forged = written_by(desk, led(desk, letter(head)), "agency", "1", "Them", x=1.0, box=box)
    assert conclusion(desk, forged) is not Conclusion.TOTAL_PASSED
