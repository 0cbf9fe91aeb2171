"""From the REST answer to the command line: a bundle is judged again on another machine, without any network."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from demo.citizen import sign_as
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import Installation, now, unsigned_declaration


@pytest.fixture
def elsewhere(tmp_path: Path, pki: DemoPki) -> CommandLine:
    """Another machine with the demo's trust, long after."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    (home / "catalogue.toml").write_bytes(pki.catalogue_path.read_bytes())
    environ = {"ANTIN_HOME": str(home)}
    line = CommandLine(load_texts(), Language.EN, environ, lambda: now() + timedelta(days=4000))
    assert run(line, ["trust", "import", str(pki.trust_directory)]) == 0
    return line


def _judged(line: CommandLine, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(line, ["verify", "--json", *arguments]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_a_verdict_is_derived_again_far_from_the_service(
    service: Installation,
    elsewhere: CommandLine,
    pki: DemoPki,
    responders: Responders,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paper, bundle = tmp_path / "to-khai.pdf", tmp_path / "evidence.zip"
    paper.write_bytes(sign_as(pki.holder("citizen"), unsigned_declaration()))
    given: dict[str, Any] = service.verify(paper.read_bytes()).json or {}
    answer = service.get(f"/v1/verifications/{given['id']}/evidence")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    bundle.write_bytes(answer.data)
    responders.requests.clear()
    again = _judged(elsewhere, capsys, str(paper), "--evidence", str(bundle))
    assert again["conclusion"] == given["conclusion"] == "TOTAL-PASSED"
    assert again["signatures"] == given["signatures"]
    assert again["findings"] == []
    assert responders.requests == []
    later = _judged(elsewhere, capsys, str(paper), "--evidence", str(bundle), "--at", "2040-01-01")
    assert later["conclusion"] == "INDETERMINATE"
    assert [finding["code"] for finding in later["findings"]] == ["EVIDENCE-CONCLUSION-DIFFERS"]


def test_a_bundle_brings_no_trust(
    service: Installation, pki: DemoPki, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper, bundle = tmp_path / "to-khai.pdf", tmp_path / "evidence.zip"
    paper.write_bytes(sign_as(pki.holder("citizen"), unsigned_declaration()))
    given: dict[str, Any] = service.verify(paper.read_bytes()).json or {}
    bundle.write_bytes(service.get(f"/v1/verifications/{given['id']}/evidence").data)
    line = CommandLine(load_texts(), Language.EN, {"ANTIN_HOME": str(tmp_path / "empty")}, now)
    again = _judged(line, capsys, str(paper), "--evidence", str(bundle))
    assert again["conclusion"] == "INDETERMINATE"
    assert "EVIDENCE-NO-TRUST-CONFIGURED" in {finding["code"] for finding in again["findings"]}


def test_what_is_no_bundle_is_a_wrong_argument(
    elsewhere: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "x.pdf"
    paper.write_bytes(b"%PDF-1.7")
    assert run(elsewhere, ["verify", str(paper), "--evidence", str(paper)]) == 2
    assert "evidence bundle" in capsys.readouterr().err


def test_the_operator_exports_destroys_and_checks_the_record(
    service: Installation, pki: DemoPki, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = service.verify(sign_as(pki.holder("citizen"), unsigned_declaration())).json or {}
    line = CommandLine(load_texts(), Language.EN, {"ANTIN_HOME": str(service.services.settings.home)}, now)
    out = tmp_path / "evidence.zip"
    assert run(line, ["evidence", "export", given["id"], "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"PK")
    assert run(line, ["evidence", "destroy", "--before", "2100-01-01"]) == 0
    answer = service.get(f"/v1/verifications/{given['id']}/evidence")
    assert (answer.status_code, (answer.json or {})["type"]) == (410, "/v1/problems/evidence-destroyed")
    assert (service.get(f"/v1/verifications/{given['id']}").json or {})["conclusion"] == "TOTAL-PASSED"
    assert run(line, ["log", "check"]) == 0
    assert "whole" in capsys.readouterr().out
    with service.services.database.writing() as transaction:
        transaction.connection.exec_driver_sql("DROP TRIGGER acts_no_update")
        transaction.connection.exec_driver_sql("UPDATE acts SET subject = 'x' WHERE number = 1")
    assert run(line, ["log", "check"]) == 1
    assert "from act 1" in capsys.readouterr().err
