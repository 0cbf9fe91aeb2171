"""A lease's holder is known to be dead as soon as it is, and only then."""

from __future__ import annotations

import subprocess
import sys

from api.actions.leases import is_gone, this_process


def test_this_process_is_there() -> None:
    assert not is_gone(this_process())


def test_a_killed_process_is_gone_before_its_parent_noticed() -> None:
    script = "from api.actions.leases import this_process; print(this_process(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        holder = process.stdout.readline().strip()
        assert not is_gone(holder)
        process.kill()
        process.wait()
    assert is_gone(holder)


def test_another_process_under_the_same_id_is_not_the_holder() -> None:
    machine_and_pid, _, _start = this_process().rpartition(":")
    assert is_gone(f"{machine_and_pid}:1")


def test_what_runs_elsewhere_cannot_be_known_to_be_dead() -> None:
    assert not is_gone("another-boot:4026531836:1:1")
