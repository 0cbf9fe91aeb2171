"""``make fuzz ARGS=--viewers``: runs the differential and prints its figures; what fails is kept in ``build/fuzz``."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.pki import make_pki
from demo.responders import Responders, free_base_url
from tests.fuzz.differential import HARMLESS, LEAST_GREEN, Failure, Figures, Ground, Group, run
from tests.fuzz.differential_files import FileGround
from tests.fuzz.honest import Keys
from tests.unit.verifier.signing import judge, without_status

OUT = Path("build/fuzz")
_SUFFIXES = {Group.XML: "xml", Group.ARMOUR: "p7m"}
FOREVER_S = 1e9


@contextmanager
def ground() -> Iterator[Ground]:
    """What is mutated, signed with keys made for this run."""
    with TemporaryDirectory() as home, Responders(make_pki(Path(home) / "pki", free_base_url())) as responders:
        yield made_ground(responders)


def made_ground(responders: Responders) -> Ground:
    """The same with the keys of a PKI that is there."""
    files = FileGround(responders.pki, responders)
    for name, data in files.files().items():
        files.know(name, judge(data, without_status(responders.pki)))
    return Ground(Keys(responders.pki), files)


def run_viewers(seed: int, seconds: float, case: int | None) -> int:
    """Run, or look at one case alone; the exit status."""
    logging.getLogger("pikepdf").setLevel(logging.ERROR)  # qpdf's warnings of forged files would hide the figures
    with ground() as prepared:
        if case is not None:
            one = prepared.case(seed, case)
            print(f"case {case}: {one.group.value}, {one.how}, {one.paper}; {_keep(seed, Failure(case, one, ()))}")
            figures = run(prepared, seed, FOREVER_S, cases=1, first=case)
        else:
            figures = run(prepared, seed, seconds, tell=lambda failed: _tell(seed, failed))
    show(figures, seed)
    if case is not None:
        return 1 if figures.failures else 0
    return 1 if figures.short else 0


def show(figures: Figures, seed: int) -> None:
    """Print what came out."""
    total, seconds = sum(figures.made.values()), max(figures.seconds, 0.001)
    print(
        f"seed {seed}: {total} cases in {seconds:.0f} s, {total / seconds:.1f} a second; {figures.drawn} pictures drawn"
    )
    for words in list(figures.unmade)[:5]:
        print(f"not made: case {words}")
    for group in Group:
        made = sum(count for (one, _), count in figures.made.items() if one is group)
        print(f"{group.value}: {made} cases, {figures.share(group):.0%} green")
        if group in HARMLESS:
            _by_kind(figures, group)
    for failed in sorted(figures.failures, key=lambda one: one.number):
        _tell(seed, failed)
    print(
        f"greens that a viewer shows otherwise: {len(figures.failures)}; harmless ones at least {LEAST_GREEN:.0%} green"
    )


def _tell(seed: int, failed: Failure) -> None:
    path, why = _keep(seed, failed), "; ".join(failed.why[:5])
    line = f"SHOWN OTHERWISE case {failed.number} ({failed.case.how}; {failed.case.paper}): {why}; {path}"
    print(line, flush=True)


def _by_kind(figures: Figures, group: Group) -> None:
    for key in sorted(one for one in figures.made if one[0] is group):
        line = f"  {key[1].replace('_', ' ')}: {figures.green[key]} of {figures.made[key]} green"
        reasons = figures.refused.get(key)
        print(line + (f"; refused: {reasons.most_common(1)[0][0]}" if reasons else ""))


def _keep(seed: int, failed: Failure) -> Path:
    OUT.mkdir(parents=True, exist_ok=True)
    case = failed.case
    path = OUT / f"viewers-{seed}-{failed.number}.{_SUFFIXES.get(case.group, 'pdf')}"
    path.write_bytes(case.data)
    row = {"seed": seed, "case": failed.number, "how": case.how, "paper": case.paper, "why": failed.why}
    path.with_suffix(".json").write_text(json.dumps(row, ensure_ascii=False, indent=1), encoding="utf-8")
    return path
