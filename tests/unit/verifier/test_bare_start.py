"""Worker processes begin without what the service knows: its environment, its open files, its keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from verifier.process.bare_start import bare

ROOT = Path(__file__).parents[3]

_RUN = """
import json, sys
from tests.unit.verifier.worker_surroundings import surroundings
from verifier.process.workers import LimitedWorkers
held = open(sys.argv[1])
with LimitedWorkers() as workers:
    seen = workers.run(surroundings)
print(json.dumps([sorted(seen.environment), sorted(seen.started_with), sorted(seen.files)]))
"""

_ORDER = """
import sys
from multiprocessing import forkserver
import api.services
from api.settings import Settings
def opened(*_):
    print(forkserver._forkserver._forkserver_pid is not None)
    raise SystemExit
api.services.upgrade_database = opened
api.services.build_services(Settings.from_environment({"ANTIN_HOME": sys.argv[1]}), environ={})
"""


def _python(program: str, *arguments: str) -> str:
    environment = os.environ | {
        "ANTIN_DATABASE_URL": "postgresql://antin:mat-khau@127.0.0.1/antin",
        "TOKEN_PIN": "7391",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def test_a_worker_has_neither_the_environment_nor_the_files_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "antin.db").write_text("rows")
    environment, started_with, files = json.loads(_python(_RUN, str(tmp_path / "antin.db")))
    assert {"PATH", "PYTHONPATH"} <= set(started_with)
    assert not {"ANTIN_DATABASE_URL", "TOKEN_PIN"} & {*environment, *started_with}
    assert str(tmp_path / "antin.db") not in files


def test_workers_come_up_before_the_database_is_opened(tmp_path: Path) -> None:
    assert _python(_ORDER, str(tmp_path)).strip() == "True"


def test_kept_are_paths_language_and_fonts() -> None:
    given = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "ANTIN_HOME": "/x",
        "PIN": "1",
        "FONTCONFIG_PATH": "/f",
        "SOFTHSM2_CONF": "c",
    }
    assert set(bare(given)) == {"PATH", "LC_ALL", "FONTCONFIG_PATH"}
