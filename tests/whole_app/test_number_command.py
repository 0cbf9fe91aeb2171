"""``antin number`` and ``antin seal --series``: the clerk's work from the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from api.actions import dossiers, seals
from api.callers import OPERATOR
from api.refused import Refused
from api.services import build_services
from demo.pki import DemoPki
from tests.letter_making import SERIES, letter, letter_order, this_year
from tests.sealing_home import AGENCY, DOSSIER, dossier_data, sealing_settings

Antin = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Path:
    """An installation where one letter waits for the clerk."""
    home = tmp_path_factory.mktemp("numbers") / "home"
    settings = sealing_settings(home, pki)
    with settings.agencies_path.open("a", encoding="utf-8") as file:
        file.write(SERIES)
    with build_services(settings, environ={}) as services:
        dossiers.put_dossier(services, OPERATOR, DOSSIER, dossier_data())
        with pytest.raises(Refused):
            seals.seal(services, OPERATOR, "waits", replace(letter_order("9.000", by_clerk=True)))
    (home / "letter.pdf").write_bytes(letter())
    return home


@pytest.fixture(scope="module")
def antin(home: Path, pki: DemoPki) -> Antin:
    def run(*arguments: str | Path, language: str = "vi") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("antin")), *map(str, arguments)],
            env={
                **os.environ,
                "ANTIN_HOME": str(home),
                "ANTIN_LANG": language,
                "ANTIN_TSA_URLS": pki.tsa_url(),
                "ANTIN_PUBLIC_URL": "https://kiem-tra.example",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert "Traceback" not in done.stderr + done.stdout
        return done

    return run


@pytest.mark.usefixtures("responders")
def test_a_day_of_the_clerk(home: Path, antin: Antin) -> None:
    wishes = ("--code", DOSSIER, "--series", "giay-phep", "--level", "B-B")
    sealed = antin("seal", home / "letter.pdf", "--out", home / "out.pdf", *wishes)
    assert sealed.returncode == 0, sealed.stderr
    assert "số 01/GP-STNMT" in sealed.stdout
    assert "giay-phep" in antin("number", "list").stdout
    (row,) = [line for line in antin("number", "waiting").stdout.splitlines() if DOSSIER in line]
    letter_id = row.split()[0]
    issued = antin("number", "issue", letter_id)
    assert issued.returncode == 0, issued.stderr
    assert "Đã phát hành: số 02/GP-STNMT" in issued.stdout
    assert antin("number", "issue", letter_id).stdout == issued.stdout
    returned = antin("number", "return", letter_id, "--reason", "Thiếu")
    assert (returned.returncode, returned.stderr.count("\n")) == (1, 1)
    paper = ("number", "paper", AGENCY, "giay-phep", "4", "--dated-on", f"{this_year()}-01-05", "--title", "Trên giấy")
    assert "04/GP-STNMT" in antin(*paper).stdout
    shown = antin("number", "show", AGENCY, "giay-phep").stdout
    assert "Số chưa giải trình: 3" in shown
    voided = antin("number", "void", AGENCY, "giay-phep", "3", "--reason", "Viết hỏng", language="en")
    assert "03/GP-STNMT" in voided.stdout and "is void" in voided.stdout
    shown = antin("number", "show", AGENCY, "giay-phep").stdout
    assert "chưa giải trình" not in shown and "Viết hỏng" in shown
    assert antin("number", "void", AGENCY, "giay-phep", "1", "--reason", "Nhầm").returncode == 1


def test_wrong_arguments_are_said_in_one_line(home: Path, antin: Antin) -> None:
    base = ("seal", home / "letter.pdf", "--out", home / "no.pdf", "--code", DOSSIER)
    for more, words in ((("--sign", "GP-STNMT"), "--series"), (("--series", "cong", "--number", "4/TB"), "4/TB")):
        done = antin(*base, *more)
        assert (done.returncode, words in done.stderr, done.stderr.count("\n")) == (2, True, 1), done.stderr
