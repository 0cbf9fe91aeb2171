"""What acts, hides or comes along is not sealed."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from signer.appearance import SealDrawing
from signer.fonts import FontFiles
from signer.layout import SealWish, lay_out
from signer.refusal import RefusalCode, SealRefused
from signer.request import SealWording
from verifier.pdf import active_content


def script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def launch(pdf: Pdf) -> None:
    action = Dictionary(S=Name.Launch, F=String("a.exe"))
    pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)])


def attachment(pdf: Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


def layer(pdf: Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("a")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group])))


def hidden_stamp(pdf: Pdf) -> None:
    pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Stamp, Rect=[0, 0, 9, 9], F=2)])


CASES = [
    (script, RefusalCode.DOCUMENT_SCRIPT),
    (launch, RefusalCode.DOCUMENT_SCRIPT),
    (attachment, RefusalCode.DOCUMENT_EMBEDDED_FILES),
    (layer, RefusalCode.DOCUMENT_HIDDEN_CONTENT),
    (hidden_stamp, RefusalCode.DOCUMENT_HIDDEN_CONTENT),
]


def refusal(document: bytes, person: SealDrawing, wording: SealWording, fonts: FontFiles) -> RefusalCode:
    with pytest.raises(SealRefused) as refused:
        lay_out(document, (SealWish("NguoiKy", person),), None, wording, fonts)
    return refused.value.code


@pytest.mark.parametrize(("change", "code"), CASES, ids=[change.__name__ for change, _ in CASES])
def test_it_is_refused(
    change: Callable[[Pdf], None],
    code: RefusalCode,
    blank: bytes,
    person: SealDrawing,
    wording: SealWording,
    fonts: FontFiles,
) -> None:
    with pikepdf.open(io.BytesIO(blank)) as opened:
        change(opened)
        output = io.BytesIO()
        opened.save(output)
    assert refusal(output.getvalue(), person, wording, fonts) is code


def test_what_cannot_be_searched_is_refused(
    blank: bytes, person: SealDrawing, wording: SealWording, fonts: FontFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(active_content, "MAX_CONTAINERS", 3)
    assert refusal(blank, person, wording, fonts) is RefusalCode.DOCUMENT_TOO_COSTLY


def test_a_permit_is_laid_out(paper: bytes, person: SealDrawing, wording: SealWording, fonts: FontFiles) -> None:
    assert lay_out(paper, (SealWish("NguoiKy", person),), None, wording, fonts).fields
