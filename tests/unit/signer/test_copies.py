"""Copies by NĐ 30/2020: the directions the law knows, and the text top right as a person sees it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signer.appearance import SealDrawing
from signer.copies import CopyForm, CopySource, CopyText, check_direction
from signer.fields import prepare_signature
from signer.fonts import FontFiles
from signer.layout import SealWish, lay_out
from signer.refusal import RefusalCode, SealRefused
from signer.request import ResultMark, Role, SealWording
from tests.unit.signer.papers import AT, PRINTED_AT, picture, reshaped, text

AGENCY = "Sở Tài nguyên và Môi trường DEMO"
CONVERSION = "Chuyển đổi từ văn bản giấy: Trần Thị Bình (Văn thư), ngày 17.11.2026"
TEXT = CopyText(CopyForm.SAO_Y, CopySource.PAPER, "SAO Y", AGENCY, CONVERSION)
CERTIFIED = replace(TEXT, certifier="Người chứng thực: Phạm Thị Mẫu, Giám đốc", register="Số chứng thực: 7/2026")


@pytest.mark.parametrize("form", CopyForm)
@pytest.mark.parametrize("source", CopySource)
@pytest.mark.parametrize("converter", [None, " ", "Văn thư"])
def test_every_direction_is_allowed_or_refused_as_the_decree_has_it(
    form: CopyForm, source: CopySource, converter: str | None
) -> None:
    expected = {
        CopySource.PAPER: None if converter == "Văn thư" else RefusalCode.COPY_CONVERTER_MISSING,
        CopySource.ELECTRONIC: RefusalCode.COPY_DIRECTION
        if form is not CopyForm.TRICH_SAO
        else (RefusalCode.COPY_CONVERTER_WITHOUT_PAPER if converter else None),
    }[source]
    if expected is None:
        check_direction(form, source, converter)
        return
    with pytest.raises(SealRefused) as refused:
        check_direction(form, source, converter)
    assert refused.value.code is expected


def sealed_copy(
    document: bytes,
    copy: CopyText,
    drawings: dict[Role, SealDrawing],
    wording: SealWording,
    fonts: FontFiles,
    mark: ResultMark | None = None,
) -> bytes:
    wishes = tuple(SealWish(role, replace(drawing, note=copy.note(role, AT))) for role, drawing in drawings.items())
    layout = lay_out(document, wishes, mark, wording, fonts)
    data, known = layout.data, layout.fonts
    for plan in layout.fields:
        prepared = prepare_signature(data, plan, 64, fonts, known)
        data, known = prepared.fill(b"\x30\x00"), prepared.fonts
    return data


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_copy_says_form_agency_and_time_top_right_in_black(
    rotation: int, blank: bytes, agency: SealDrawing, wording: SealWording, fonts: FontFiles
) -> None:
    document = reshaped(blank, {"Rotate": rotation})
    done = sealed_copy(document, TEXT, {Role.AGENCY: agency}, wording, fonts)
    assert f"SAO Y {AGENCY} {PRINTED_AT} {CONVERSION}" in text(done)
    shown = picture(done, dpi=144)
    ink = shown.min(axis=2) < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    height, width = ink.shape
    assert rows[-1] < height * 0.12 if rotation in (0, 180) else rows[-1] < height * 0.16
    assert columns[0] > width * 0.35
    assert width - columns[-1] < 20 / 25.4 * 144
    means = shown[ink].mean(axis=0)  # the edges of letters are smoothed in colour
    assert means.max() < 110 and means.max() - means.min() < 25


def test_the_letters_are_upright_times_of_ten_points(
    blank: bytes, agency: SealDrawing, wording: SealWording, fonts: FontFiles, tmp_path: Path
) -> None:
    path = tmp_path / "copy.pdf"
    path.write_bytes(sealed_copy(blank, TEXT, {Role.AGENCY: agency}, wording, fonts))
    said = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
    (font,) = said.splitlines()[2:]
    assert re.match(r"[A-Z]{6}\+Tinos +CID TrueType +Identity-H +yes yes yes", font)
    boxes = subprocess.run(["pdftotext", "-bbox-layout", str(path), "-"], capture_output=True, text=True, check=True)
    lines = re.findall(r'<line xMin="[\d.]+" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', boxes.stdout)
    heights = {round(float(bottom) - float(top), 1) for top, _, bottom in lines}
    assert heights == {round(10 * (0.891 + 0.216), 1)}  # Times New Roman's ascent and descent at 10 pt
    assert len({round(float(right), 1) for _, right, _ in lines}) == 1  # flush right


def test_a_certified_copy_names_certifier_and_register_and_covers_nothing(
    paper: bytes, person: SealDrawing, agency: SealDrawing, wording: SealWording, fonts: FontFiles, mark: ResultMark
) -> None:
    drawings = {Role.AUTHORISED_PERSON: person, Role.AGENCY: agency}
    done = sealed_copy(paper, CERTIFIED, drawings, wording, fonts, mark)
    found = text(done)
    assert f"Người chứng thực: Phạm Thị Mẫu, Giám đốc {PRINTED_AT}" in found
    assert "Số chứng thực: 7/2026" in found and CONVERSION in found
    before, after = picture(paper, dpi=100), picture(done, dpi=100)
    ink = before.min(axis=2) < 128
    assert np.array_equal(before[ink], after[ink])


def test_no_room_top_right_is_refused_with_the_size_needed(
    blank: bytes, agency: SealDrawing, wording: SealWording, fonts: FontFiles
) -> None:
    document = reshaped(blank, {}, b"0 g 300 400 295 442 re f")
    with pytest.raises(SealRefused) as refused:
        sealed_copy(document, TEXT, {Role.AGENCY: agency}, wording, fonts)
    assert refused.value.code is RefusalCode.NO_SPACE_TOP_RIGHT
