"""The ways a letter comes: signed in two steps, by a token, by another program; set and shown by other programs."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata

from signer.external import OutsideKey, finish_outside, prepare_outside
from signer.geometry import Rect
from signer.keyring import KeyRing
from signer.sign import sign_document
from tests.unit.signer.issuing.acts import TOLD, agency, issue_request, issued, led, person, prepared
from tests.unit.signer.issuing.letters import (
    HEADS,
    Head,
    by_cairo,
    by_chromium,
    by_ghostscript,
    letter,
    sideways,
    turned,
)
from tests.unit.signer.issuing.looking import drawn, from_ppm, lost_ink, new_ink
from tests.unit.signer.issuing.test_issue import CAPITAL, check_ink, told
from tests.unit.signer.sealing import Desk, now, signed_as
from tests.unit.signer.test_keys_hsm import Token, ring, token  # noqa: F401  (fixtures)
from tests.viewers.programs import Program, Viewers, missing
from verifier.report import Conclusion


@pytest.mark.parametrize("certify", [False, True], ids=["P=none", "P=2"])
def test_the_leader_signs_in_two_steps_with_a_key_elsewhere(certify: bool, desk: Desk) -> None:
    real, step = desk.key("officer"), person(desk)
    outside = replace(step, key=OutsideKey(real.certificate, real.chain))
    request = desk.request(prepared(desk, letter(Head())).data, steps=(outside,), certify=certify)
    waiting = prepare_outside(request, desk.environment, now())
    assert waiting.field == "AnTin-NguoiKy"
    signed = finish_outside(request, waiting, real.sign(waiting.attributes, "sha256"), desk.environment, now())
    done = issued(desk, signed.data)
    assert told(done) == TOLD
    check_ink(Head(), signed.data, done.data, TOLD)


def test_the_agencys_key_is_in_a_token(desk: Desk, token: Token, ring: KeyRing) -> None:  # noqa: F811
    signed = led(desk, letter(Head()))
    request = replace(issue_request(desk, signed), steps=(agency(desk, ring.open(token.reference("agency"))),))
    assert told(sign_document(request, desk.environment, now())) == TOLD


def test_a_letter_that_another_program_signed_gets_fields_as_they_are_needed(desk: Desk) -> None:
    """As the state's tool goes on with its own: the first certifies, each later signature brings its field."""
    metadata = PdfSignatureMetadata(
        "Signature1", subfilter=SigSeedSubFilter.PADES, certify=True, docmdp_permissions=MDPPerm.FILL_FORMS
    )
    signed = signed_as(letter(Head()), desk.key("officer"), metadata)
    assert prepared(desk, signed).data == signed
    done = issued(desk, signed, mark=None)
    assert told(done) == TOLD
    check_ink(Head(), signed, done.data, TOLD)


def _pixels_of_head(document: bytes) -> Rect:
    width, height = drawn(document).shape[1] * 72 / 200, drawn(document).shape[0] * 72 / 200
    return Rect(0, height * 0.82, width, height)


SETTERS: dict[str, Callable[[], bytes]] = {
    "cairo": lambda: by_cairo(letter(HEADS["dots"])),
    "Ghostscript": lambda: by_ghostscript(by_chromium("Tinos")),
    "Skia, Times": lambda: by_chromium("Tinos"),
    "Skia, another serif, dots": lambda: by_chromium("DejaVu Serif", "………", 8.5),
    "Skia, a sans": lambda: by_chromium("Arimo", "......", 12),
    "on its side": lambda: sideways(letter(Head())),
    "cropped": lambda: turned(letter(Head()), CropBox=[20, 30, 580, 830]),
    "in units of its own": lambda: turned(letter(Head(), (595, 842)), UserUnit=1.5),
}


@pytest.mark.parametrize("name", SETTERS)
def test_letters_of_other_programs(name: str, desk: Desk) -> None:
    """Eight digits come to the head, all of one line's height, and nothing that was there goes."""
    signed = led(desk, document := SETTERS[name](), certify=True)
    done = issued(desk, signed)
    assert told(done) == TOLD
    before, after = drawn(signed), drawn(done.data)
    digits = new_ink(before, after, _pixels_of_head(document))
    assert len(digits) == 8
    heights = [box.height for box in digits]
    assert max(heights) - min(heights) < 0.15 * max(heights)
    assert lost_ink(before, after) < 20


def test_four_programs_show_the_digits_in_their_blanks(desk: Desk) -> None:
    if missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"not installed: {missing()} (make viewers)")
        pytest.skip("make viewers")
    head = HEADS["dots"]
    signed = led(desk, letter(head), certify=True)
    done = issued(desk, signed).data
    with Viewers() as viewers:
        for program in (Program.PDFIUM, Program.POPPLER, Program.MUPDF, Program.PDFJS):
            before, after = (from_ppm(viewers.draw(program, one, 200).pages[0]) for one in (signed, done))
            for kind, (left, right, base) in head.spans().items():
                ink = new_ink(before, after, Rect(left - 6, base - 6, right + 6, base + 20))
                assert len(ink) == len(TOLD[kind]), program
                assert left - 0.4 <= ink[0].x0 and ink[-1].x1 <= right + 0.4, program
                assert all(abs(box.height - CAPITAL * head.size) < 1.2 for box in ink), program


def test_what_readers_copy_out_is_the_number(desk: Desk) -> None:
    done = issued(desk, led(desk, letter(Head())))
    with pikepdf.open(io.BytesIO(done.data)) as pdf:
        fields = {str(one.T): one for one in pdf.Root.AcroForm.Fields}
        fonts = fields["AnTin-So"].AP.N.Resources.Font
        assert all("/ToUnicode" in font for font in fonts.values())
    assert done.report.conclusion is Conclusion.TOTAL_PASSED
