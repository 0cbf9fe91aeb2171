"""The demo runs as a newcomer runs it, sealing and checking through the command line included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
import segno

from api.actions.dossiers import put_dossier
from api.callers import OPERATOR
from api.services import build_services
from api.settings import Settings
from demo import documents
from demo.documents import Applicant
from demo.pki import DemoPki
from demo.province import DemoProvince, make_province
from demo.responders import Responders
from tests.desk import DOSSIER, dossier_data

ROOT = Path(__file__).resolve().parents[2]
ANTIN = Path(sys.executable).with_name("antin")


def test_make_demo_once_ends_with_0_and_every_steps_outcome(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo.run", "--once"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=420,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✔") == 16
    assert "✘" not in done.stdout


@dataclass
class Desk:
    """A demo province and a dossier in it, for the command line."""

    province: DemoProvince
    folder: Path

    def antin(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the command in the province."""
        environment = {**os.environ, **self.province.environment, "COLUMNS": "200"}
        command = [str(ANTIN), *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert "Traceback" not in done.stderr + done.stdout
        return done


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Desk:
    """The province, with its dossier and the result as a file."""
    folder = tmp_path_factory.mktemp("demo")
    province = make_province(folder / "home", pki)
    holder = Applicant("Nguyễn Văn Mẫu", "012345678901", "bản Mẫu, tỉnh Lai Châu")
    settings = Settings.from_environment(province.environment)
    with build_services(settings, environ=province.environment) as services:
        put_dossier(services, OPERATOR, DOSSIER, dossier_data())
    day = datetime.now(UTC).date()
    (folder / "permit.pdf").write_bytes(documents.permit(holder, "118/GP-STNMT", day, "Phạm Thị Mẫu", "1.200"))
    return Desk(province, folder)


@pytest.fixture(scope="module")
def sealed(desk: Desk) -> Path:
    """The result, sealed by the command."""
    out = desk.folder / "sealed.pdf"
    wishes = ("--as", "so-tnmt", "--signatory", "giam-doc", "--code", f"{DOSSIER}-KQ1")
    done = desk.antin("seal", desk.folder / "permit.pdf", "--out", out, *wishes)
    assert done.returncode == 0, done.stderr
    return out


class TestSealAndCheckOnTheCommandLine:
    def test_the_sealed_file_passes(self, desk: Desk, sealed: Path) -> None:
        done = desk.antin("verify", sealed, "--json")
        assert json.loads(done.stdout)["conclusion"] == "TOTAL-PASSED"

    def test_the_same_order_again_is_the_same_seal(self, desk: Desk, sealed: Path) -> None:
        again = sealed.with_name("again.pdf")
        wishes = ("--as", "so-tnmt", "--signatory", "giam-doc", "--code", f"{DOSSIER}-KQ1")
        assert desk.antin("seal", desk.folder / "permit.pdf", "--out", again, *wishes).returncode == 0
        assert again.read_bytes() == sealed.read_bytes()

    def test_an_existing_file_is_not_overwritten(self, desk: Desk, sealed: Path) -> None:
        before = sealed.read_bytes()
        wishes = ("--signatory", "giam-doc", "--code", f"{DOSSIER}-KQ2")
        assert desk.antin("seal", desk.folder / "permit.pdf", "--out", sealed, *wishes).returncode == 2
        assert sealed.read_bytes() == before

    def test_refusals_are_one_line(self, desk: Desk, tmp_path: Path) -> None:
        out = tmp_path / "out.pdf"
        permit = desk.folder / "permit.pdf"
        unknown = desk.antin("seal", permit, "--out", out, "--signatory", "giam-doc", "--code", "000-KQ1")
        nobody = desk.antin("seal", permit, "--out", out, "--signatory", "nobody", "--code", f"{DOSSIER}-KQ3")
        which = desk.antin("seal", permit, "--out", out, "--code", f"{DOSSIER}-KQ3")
        assert [done.returncode for done in (unknown, nobody, which)] == [1, 1, 2]
        for done in (unknown, nobody, which):
            assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert not out.exists()

    def test_checked_by_file(self, desk: Desk, sealed: Path, responders: Responders) -> None:
        done = desk.antin("check", sealed)
        assert done.returncode == 0, done.stderr
        assert "Đúng tệp gốc" in done.stdout
        assert "TOTAL-PASSED" in done.stdout
        assert "Nguyễn Văn Mẫu" not in done.stdout.split("TOTAL-PASSED")[0], "the holder's name is masked"
        responders.requests.clear()
        assert desk.antin("check", sealed, "--offline").returncode == 0
        assert responders.requests == []

    def test_checked_by_a_picture_of_its_page_and_by_the_code(self, desk: Desk, sealed: Path, tmp_path: Path) -> None:
        with pypdfium2.PdfDocument(sealed) as document:
            document[0].render(scale=2.5).to_pil().save(tmp_path / "photo.jpg", quality=70)
        done = desk.antin("check", tmp_path / "photo.jpg")
        assert done.returncode == 0, done.stderr
        assert "Kết quả thật và đang có hiệu lực" in done.stdout

    def test_a_picture_without_a_code(self, desk: Desk, tmp_path: Path) -> None:
        with pypdfium2.PdfDocument(desk.folder / "permit.pdf") as document:
            document[0].render(scale=1).to_pil().save(tmp_path / "plain.png")
        done = desk.antin("check", tmp_path / "plain.png")
        assert done.returncode == 1
        assert "QR" in done.stderr

    def test_a_damaged_picture(self, desk: Desk, tmp_path: Path) -> None:
        (tmp_path / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
        done = desk.antin("check", tmp_path / "damaged.png")
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1

    def test_a_code_that_leads_elsewhere(self, desk: Desk, tmp_path: Path) -> None:
        """A false page can look like ours; a code that leads to it must not be called ours."""
        segno.make("https://dichvucong.laichau.evil.invalid/kiem-tra/7K4M").save(
            str(tmp_path / "evil.png"), scale=6, border=4
        )
        done = desk.antin("check", tmp_path / "evil.png")
        assert done.returncode == 1
        assert "evil.invalid" in done.stderr

    def test_codes_that_are_none(self, desk: Desk) -> None:
        assert desk.antin("check", "ABCD").returncode == 2
        assert desk.antin("check", "no-such-file.pdf").returncode == 1
