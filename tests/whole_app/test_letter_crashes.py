"""Letters of two portals through a server whose processes die: no number twice, none unexplained."""

from __future__ import annotations

from pathlib import Path

from demo.pki import DemoPki
from tests.chaos.letters import Plan, is_well, run


def test_serving_processes_killed_in_the_middle_give_every_number_once(tmp_path: Path, pki: DemoPki) -> None:
    """The short form of ``make chaos ARGS='--letters 1000'``."""
    plan = Plan(letters=10, workers=2, kill_every_s=2.0, max_kills=2, limit_s=600.0)
    figures = run(tmp_path, pki, plan, {})
    assert is_well(figures), figures
    assert figures.kills == 2
    assert (figures.doubles, figures.unexplained) == (0, 0)
    assert figures.voids >= 1, "the letter that failed lost its number with a reason"
