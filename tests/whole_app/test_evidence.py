"""From the REST answer to the command line: a bundle is judged again on another machine, without any network."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.cli import run
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from api.key_ledger import KeyLedger
from api.report_sealing import build_report_sealing
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
    assert _codes(again) == ["EVIDENCE-NOT-SEALED"]
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


@pytest.fixture
def sealed(service: Installation, pki: DemoPki) -> Callable[[str], Installation]:
    """The same service with a report key."""

    def with_key(slug: str) -> Installation:
        key = {"kind": "pkcs12", "path": str(pki.pkcs12_path(slug)), "passphrase_file": "passphrase"}
        settings = replace(service.services.settings, report_key=key)
        ledger = KeyLedger(service.services.database, service.services.clock)
        sealing = build_report_sealing(settings, {}, ledger)
        services = replace(service.services, settings=settings, report_sealing=sealing)
        return Installation(services, create_app(services), service.key)

    return with_key


def _bundle(service: Installation, pki: DemoPki, paper: Path, bundle: Path) -> None:
    """A paper, received some minutes before it was checked, and the bundle of its verification."""
    paper.write_bytes(sign_as(pki.holder("citizen"), unsigned_declaration()))
    given: dict[str, Any] = service.verify(paper.read_bytes()).json or {}
    bundle.write_bytes(service.get(f"/v1/verifications/{given['id']}/evidence").data)


def _rewritten(bundle: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Every file of the ZIP written again as ``change`` has it; None leaves it out."""
    written = io.BytesIO()
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    bundle.write_bytes(written.getvalue())


def _codes(answer: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in answer["findings"]]


def test_a_sealed_bundle_attests_its_times_years_later(
    sealed: Callable[[str], Installation],
    elsewhere: CommandLine,
    pki: DemoPki,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paper, bundle = tmp_path / "to-khai.pdf", tmp_path / "evidence.zip"
    _bundle(sealed("agency"), pki, paper, bundle)
    again = _judged(elsewhere, capsys, str(paper), "--evidence", str(bundle))
    assert (again["conclusion"], _codes(again)) == ("TOTAL-PASSED", ["EVIDENCE-SEALED"])
    assert "Sở Tài nguyên và Môi trường DEMO" in again["findings"][0]["text_vi"]


def test_a_changed_manifest_breaks_the_seal_and_its_times_are_not_used(
    sealed: Callable[[str], Installation],
    elsewhere: CommandLine,
    pki: DemoPki,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paper, bundle = tmp_path / "to-khai.pdf", tmp_path / "evidence.zip"
    _bundle(sealed("agency"), pki, paper, bundle)

    def earlier(name: str, data: bytes) -> bytes:
        if name != "manifest.json":
            return data
        manifest = json.loads(data) | {"received_at": "2020-01-01T00:00:00+00:00"}
        return json.dumps(manifest).encode()

    _rewritten(bundle, earlier)
    again = _judged(elsewhere, capsys, str(paper), "--evidence", str(bundle))
    assert "EVIDENCE-SEAL-BROKEN" in _codes(again)
    assert again["signatures"][0]["best_signature_time"] is None
    assert again["conclusion"] != "TOTAL-PASSED", "not judged for the time that the bundle names, but for now"
    _rewritten(bundle, lambda name, data: None if name.endswith(".p7s") else data)
    stripped = _judged(elsewhere, capsys, str(paper), "--evidence", str(bundle))
    assert {"EVIDENCE-RECEIPT-CLAIMED", "EVIDENCE-NOT-SEALED"} <= set(_codes(stripped)), (
        "without a seal it is the bundle's own word again, and said"
    )


def test_a_seal_of_no_agency_attests_nothing(
    sealed: Callable[[str], Installation],
    elsewhere: CommandLine,
    pki: DemoPki,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Anybody with a certificate could seal a bundle of their own making."""
    paper, bundle = tmp_path / "to-khai.pdf", tmp_path / "evidence.zip"
    _bundle(sealed("citizen"), pki, paper, bundle)
    again = _judged(elsewhere, capsys, str(paper), "--evidence", str(bundle))
    assert _codes(again) == ["EVIDENCE-SEAL-NOT-RECOGNISED"]
    _rewritten(bundle, lambda name, data: b"\x30\x03abc" if name.endswith(".p7s") else data)
    assert "EVIDENCE-SEAL-BROKEN" in _codes(_judged(elsewhere, capsys, str(paper), "--evidence", str(bundle)))


def test_another_report_in_the_bundle_is_a_damaged_bundle(
    service: Installation, elsewhere: CommandLine, pki: DemoPki, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper, bundle = tmp_path / "to-khai.pdf", tmp_path / "evidence.zip"
    _bundle(service, pki, paper, bundle)
    _rewritten(bundle, lambda name, data: b"{}" if name == "report.json" else data)
    assert run(elsewhere, ["verify", str(paper), "--evidence", str(bundle)]) == 2
    assert "report.json" in capsys.readouterr().err
