"""``antin scan check`` and ``POST /v1/scans/checks``: the contract's object, the repairs in words."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pikepdf import Pdf

from api.cli import run
from api.clock import system_clock
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from api.v1.schemas import SCHEMAS
from demo.pki import DemoPki
from tests.installation import installation
from tests.unit.verifier.scans.foreign import scan_with
from tests.unit.verifier.scans.scan_maker import add_scan, jpeg, paper, saved

PAGE_KEYS = {"dpi", "colour", "size_mm", "skew_degrees", "findings"}


def _scan() -> bytes:
    pdf = Pdf.new()
    add_scan(pdf, 1)
    return saved(pdf, min_version="1.4")


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    return CommandLine(load_texts(), Language.VI, {"ANTIN_HOME": str(tmp_path)}, system_clock)


def _checked(line: CommandLine, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[Any]]:
    status = run(line, ["scan", "check", "--json", *arguments])
    return status, [json.loads(text) for text in capsys.readouterr().out.splitlines()]


def test_one_object_for_each_file_in_order(
    line: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, edited, photo = (tmp_path / name for name in ("good.pdf", "edited.pdf", "photo.jpg"))
    good.write_bytes(_scan())
    edited.write_bytes(saved(scan_with("white box and text", 1), min_version="1.4"))
    picture = io.BytesIO()
    paper(1).save(picture, "JPEG")
    photo.write_bytes(picture.getvalue())
    status, answers = _checked(line, capsys, str(good), str(edited), str(photo))
    assert status == 0
    assert [(answer["kind"], answer["conforms"]) for answer in answers] == [
        ("scan", True),
        ("mixed", False),
        ("photo", False),
    ]
    assert all(set(answer) == {"kind", "conforms", "pages", "findings"} for answer in answers)
    assert all(set(page) == PAGE_KEYS for answer in answers for page in answer["pages"])
    assert answers[0]["pages"][0]["dpi"] == pytest.approx([200, 200], rel=0.02)
    assert answers[2]["pages"][0]["dpi"] is None


def test_a_file_that_is_not_there_is_answered_and_ends_with_1(
    line: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good.pdf"
    good.write_bytes(_scan())
    status, answers = _checked(line, capsys, str(tmp_path / "none.pdf"), str(good))
    assert status == 1
    assert [answer["kind"] for answer in answers] == ["unreadable", "scan"]
    assert answers[0]["findings"][0]["code"] == "FILE-NOT-FOUND"


def test_the_terminal_says_how_to_repair_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    coarse = tmp_path / "coarse.jpg"
    small = paper(2).resize((583, 827))
    out = io.BytesIO()
    small.save(out, "JPEG", dpi=(100, 100))
    coarse.write_bytes(out.getvalue())
    environ = {"ANTIN_HOME": str(tmp_path)}
    assert run(CommandLine(load_texts(), Language.VI, environ, system_clock), ["scan", "check", str(coarse)]) == 0
    said = " ".join(capfd.readouterr().out.split())
    assert "quét lại trang 1 ở 300 dpi" in said
    assert "Bản quét · chưa đạt yêu cầu bản quét" in said


def test_rest_answers_the_same_object_and_needs_an_account(tmp_path: Path, pki: DemoPki) -> None:
    with installation(tmp_path, pki) as service:
        body = {"file": (io.BytesIO(_scan()), "quet.pdf")}
        answer = service.client.post("/v1/scans/checks", data=body, headers={"Authorization": f"Bearer {service.key}"})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        rooted = {"$ref": "#/components/schemas/ScanCheck", "components": {"schemas": SCHEMAS}}
        Draft202012Validator(rooted).validate(answer.json)
        assert answer.json is not None
        assert (answer.json["kind"], answer.json["conforms"]) == ("scan", True)
        nobody = service.client.post("/v1/scans/checks", data={"file": (io.BytesIO(jpeg(paper(1))), "a.jpg")})
        assert nobody.status_code == 401
        nothing = service.client.post(
            "/v1/scans/checks", data={"x": "y"}, headers={"Authorization": f"Bearer {service.key}"}
        )
        assert nothing.status_code in (400, 415)
