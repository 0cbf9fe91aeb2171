"""``make signers``: other programs sign, one after the other, and we check: prints every alarm, writes the table.

``docs/interoperability.md`` shows what was combined with what. Exit status 1 where an honest file got an alarm.
LibreOffice takes part where it is installed (``make signers`` sees to that).
"""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.pki import make_pki
from demo.responders import Responders, free_base_url
from tests.signers.matrix import Judged, judge, pdf_files, store
from tests.signers.office import is_there
from tests.signers.other_formats import other_files
from tests.signers.programs import BUILD, PDF_PROGRAMS, opened_workshop
from verifier.process.workers import LimitedWorkers

OUT = Path("docs/interoperability.md")
TRUE_ALARMS = Path(__file__).with_name("true_alarms.toml")


def main() -> int:
    """Make every file, judge it, print and write what came of it."""
    judged: list[Judged] = []
    spoiling = tomllib.loads(TRUE_ALARMS.read_text(encoding="utf-8"))
    with TemporaryDirectory(prefix="antin-signers-") as name:
        pki = make_pki(Path(name) / "pki", free_base_url())
        with ExitStack() as stack:
            stack.enter_context(Responders(pki))
            workshop = stack.enter_context(opened_workshop(pki, Path(name), with_office=is_there()))
            workers = stack.enter_context(LimitedWorkers(workers=1))
            for made in chain(pdf_files(workshop, PDF_PROGRAMS), other_files(workshop)):
                one = judge(workers, pki, made)
                judged.append(one)
                if one.alarm and _key(one) in spoiling:
                    print(f"true alarm {_named(one)}: {one.alarm}")
                elif one.alarm:
                    store(BUILD / "alarms", one)
                    print(f"ALARM {_named(one)}: {one.alarm}")
                elif one.report is None:
                    print(f"not made: {_named(one)}: {made.detail}")
    alarms = [one for one in judged if one.alarm and _key(one) not in spoiling]
    spoiled = [one for one in judged if one.alarm and _key(one) in spoiling]
    made_files = [one for one in judged if one.report is not None]
    OUT.write_text(_page(judged, spoiling), encoding="utf-8")
    programs = len({one.made.first for one in made_files})
    print(f"{len(made_files)} files by {programs} programs and formats:")
    print(f"{len(alarms)} false alarms, {len(spoiled)} true ones")
    return 1 if alarms or not made_files else 0


def _named(one: Judged) -> str:
    made = one.made
    first = f"{made.first} ({made.how})"
    return first if made.second is None else f"{first}, then {made.second} ({made.action})"


def _key(one: Judged) -> str:
    return f"{one.made.second}, {one.made.action}"


def _page(judged: list[Judged], spoiling: dict[str, str]) -> str:
    lines = [
        "# Other programs sign, we check",
        "",
        "Made by `make signers` (`tests/signers`): the program of the row signs first, then the program of the column",
        "adds a second signature, a visible one, validation data, or a document time stamp, as its own documentation",
        "has it done. A cell counts the files in which every signature is intact, whole, followed by permitted changes",
        "only, and passed; `!` counts those with an alarm, `–` is what the second program refuses or does not offer.",
        "MuPDF 1.21 signs with SHA-1: intact, and refused by the policy for that reason alone.",
        "",
        "| first \\ then | alone | " + " | ".join(PDF_PROGRAMS) + " |",
        "|" + "---|" * (len(PDF_PROGRAMS) + 2),
    ]
    cells: dict[tuple[str, str | None], list[Judged]] = defaultdict(list)
    for one in judged:
        cells[(one.made.first, one.made.second)].append(one)
    for first in PDF_PROGRAMS:
        columns = [_cell(cells.get((first, second), [])) for second in (None, *PDF_PROGRAMS)]
        lines.append(f"| {first} | " + " | ".join(columns) + " |")
    lines += ["", "| another format | files |", "|---|---|"]
    others = sorted({one.made.first for one in judged} - set(PDF_PROGRAMS))
    lines += [f"| {name} | {_cell(cells[(name, None)])} |" for name in others]
    refused = sorted({(_named(one), one.made.detail) for one in judged if one.report is None})
    lines += ["", "What a program did not make, in its own words:", ""]
    lines += [f"* {name}: {' '.join(detail.split())[:160]}" for name, detail in refused] or ["* nothing"]
    lines += ["", "Alarms that are true, for the second program spoils the first signature:", ""]
    lines += [f"* {name}: {reason}." for name, reason in spoiling.items()]
    return "\n".join(lines) + "\n"


def _cell(found: list[Judged]) -> str:
    good = sum(one.report is not None and not one.alarm for one in found)
    bad = sum(bool(one.alarm) for one in found)
    return (f"{good}" + (f" {bad}!" if bad else "")) if good or bad else "–"


if __name__ == "__main__":
    sys.exit(main())
