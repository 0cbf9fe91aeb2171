"""``antin seal --preview``, attachments and ``antin copy``, as an officer types them."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from api.actions.dossiers import put_dossier
from api.callers import OPERATOR
from api.cli import run
from api.clock import system_clock
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from api.services import build_services
from demo.pki import DemoPki
from tests.sealing_home import DOSSIER, dossier_data, result_paper, sealing_settings
from tests.unit.signer.papers import text
from verifier.drawing.rendering import RenderedDocument

Antin = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(pki: DemoPki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a dossier, the permit as it was written and as it was scanned."""
    home = tmp_path_factory.mktemp("office") / "home"
    settings = sealing_settings(home, pki)
    with build_services(settings, system_clock, {}) as services:
        put_dossier(services, OPERATOR, DOSSIER, dossier_data())
    (home / "permit.pdf").write_bytes(result_paper())
    with RenderedDocument(result_paper()) as document:
        page = Image.fromarray(document.picture(0, 200 / 72))
    page.save(home / "scan.pdf", "PDF", resolution=200, quality=70)
    return home


@pytest.fixture(scope="module")
def antin(home: Path, pki: DemoPki) -> Antin:
    environment = {"ANTIN_PUBLIC_URL": "https://kiem-tra.example", "ANTIN_TSA_URLS": pki.tsa_url()}

    def run(*arguments: str | Path, language: str = "vi") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("antin")), *map(str, arguments)],
            env={**os.environ, "ANTIN_HOME": str(home), "ANTIN_LANG": language, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr + done.stdout
        return done

    return run


def test_a_preview_is_a_picture_and_takes_no_code(home: Path, antin: Antin) -> None:
    out = home / "preview.png"
    done = antin("seal", home / "permit.pdf", "--preview", out)
    assert done.returncode == 0, done.stderr
    assert "giữa chức danh và họ tên người ký" in done.stdout
    assert Image.open(io.BytesIO(out.read_bytes())).format == "PNG"
    done = antin("seal", home / "permit.pdf", "--out", home / "x.pdf", language="en")
    assert done.returncode == 2
    assert "--code" in done.stderr


def test_a_certified_copy_of_a_scan(home: Path, antin: Antin) -> None:
    out = home / "copy.pdf"
    wishes = ("--form", "sao-y", "--from", "paper", "--converter", "Trần Thị Bình", "--code", DOSSIER, "--level", "B-B")
    done = antin("copy", home / "scan.pdf", "--out", out, "--certified", *wishes)
    assert done.returncode == 0, done.stderr
    assert "Sổ bản sao: số 1/" in done.stdout
    found = text(out.read_bytes())
    assert "SAO Y, Sở Tài nguyên và Môi trường DEMO," in found
    assert "Chuyển đổi từ văn bản giấy: Trần Thị Bình" in found
    assert "Người chứng thực: Phạm Thị Mẫu, Giám đốc" in found


def test_a_copy_that_the_law_does_not_know_is_refused_in_one_line(home: Path, antin: Antin) -> None:
    wishes = ("--form", "sao-y", "--from", "electronic", "--code", DOSSIER)
    done = antin("copy", home / "permit.pdf", "--out", home / "no.pdf", *wishes)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "TRÍCH SAO" in done.stderr
    assert not (home / "no.pdf").exists()


def in_process(home: Path, *arguments: str | Path) -> tuple[int, str]:
    """Run a command in this process, which is quicker; exit status and what it wrote to stderr."""
    environment = {"ANTIN_HOME": str(home), "ANTIN_PUBLIC_URL": "https://kiem-tra.example"}
    with CliRunner().isolation() as (_, err, *_rest):
        line = CommandLine(load_texts(), Language.VI, environment, system_clock)
        status = run(line, [*map(str, arguments), "--level", "B-B"])
        return status, err.getvalue().decode()


def test_an_attachment_carries_the_number_of_its_main_document_and_an_extract_of_that_is_certified(home: Path) -> None:
    permit, main, out = home / "permit.pdf", home / "main.pdf", home / "attachment.pdf"
    assert in_process(home, "seal", permit, "--out", main, "--code", f"{DOSSIER}-KQ7") == (0, "")
    assert in_process(home, "seal", permit, "--out", out, "--attachment-of", f"{DOSSIER}-KQ7") == (0, "")
    assert re.search(rf"{re.escape(DOSSIER)}-KQ7,? \d\d\.\d\d\.\d{{4}} [\d:]{{8}} \+07:00", text(out.read_bytes()))
    extract = ("copy", permit, "--form", "trich-sao", "--from", "electronic", "--certified", "--code", DOSSIER)
    assert in_process(home, *extract, "--out", home / "extract.pdf", "--original", main) == (0, "")
    status, said = in_process(home, *extract, "--out", home / "none.pdf", "--original", permit)
    assert (status, len(said.splitlines())) == (1, 1)
    assert "Không có bản điện tử gốc" in said
