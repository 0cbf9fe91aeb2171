"""What ``make install`` does on machines that lack something, with stand-ins for apt-get, dpkg-query and sudo."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Machine:
    """A PATH with stand-ins in front; ``log`` says what apt-get was asked."""

    folder: Path

    def program(self, name: str, script: str) -> None:
        """Put a stand-in on the PATH."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def install(self, what: str = "run") -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            [ROOT / "deploy/system-packages.sh", what],
            env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "LOG": str(self.folder / "log")},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )

    @property
    def log(self) -> list[str]:
        """Calls of apt-get, one a line."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which softhsm2 is missing and root is at work."""
    made = Machine(tmp_path)
    made.program("dpkg-query", 'case "$*" in *softhsm2*) exit 1 ;; *) printf installed ;; esac')
    made.program("id", "echo 0")
    made.program("apt-get", 'echo "$*" >> "$LOG"')
    return made


def test_nothing_missing_nothing_done(machine: Machine) -> None:
    machine.program("dpkg-query", "printf installed")
    assert machine.install("test").returncode == 0
    assert machine.log == []


def test_only_what_is_missing_is_installed_and_lists_are_not_fetched_without_need(machine: Machine) -> None:
    assert machine.install().returncode == 0
    assert machine.log == ["install -y -qq --no-install-recommends softhsm2"]


def test_lists_are_fetched_when_the_first_attempt_fails(machine: Machine) -> None:
    machine.program(
        "apt-get",
        'echo "$*" >> "$LOG"; case "$*" in update*) touch "$LOG.updated" ;; *) test -e "$LOG.updated" ;; esac',
    )
    assert machine.install().returncode == 0
    assert [line.split()[0] for line in machine.log] == ["install", "update", "install"]


def test_a_package_that_was_removed_but_left_its_settings_is_missing(machine: Machine) -> None:
    machine.program("dpkg-query", "printf config-files")
    assert machine.install().returncode == 0
    assert "python3.11-venv" in machine.log[0]


def test_with_sudo_where_one_is_not_root(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    machine.program("sudo", 'if [ "$1" = -n ]; then exit 0; fi; echo sudo >> "$LOG"; "$@"')
    assert machine.install().returncode == 0
    assert machine.log == ["sudo", "install -y -qq --no-install-recommends softhsm2"]


def test_neither_root_nor_sudo_says_what_to_do(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    machine.program("sudo", "exit 1")
    done = machine.install()
    assert done.returncode == 1
    assert "apt-get install --no-install-recommends softhsm2" in done.stderr
    assert machine.log == []


def test_the_part_of_a_lock_keeps_its_hashes() -> None:
    part = [str(ROOT / "deploy/lock-part.sh"), "requirements.lock", "uv"]
    printed = subprocess.run(part, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    first, *rest = printed.splitlines()
    assert first.startswith("uv==")
    assert rest
    assert all(line.strip().startswith("--hash=sha256:") for line in rest)
    unknown = subprocess.run([*part[:2], "no-such-package"], cwd=ROOT, capture_output=True, check=False, text=True)
    assert unknown.returncode == 1
    assert "no-such-package" in unknown.stderr
