"""``make signers``: other programs sign, one after the other, and we check: prints every alarm, writes the table.

``docs/interoperability.md`` shows what was combined with what. Exit status 1 where an honest file got an alarm.
LibreOffice takes part where it is installed (``make signers`` sees to that). ``--sentences``: what is said of them.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from demo.pki import make_pki
from demo.responders import Responders, free_base_url
from tests.signers.matrix import Judged, judge, pdf_files, store
from tests.signers.office import is_there
from tests.signers.other_formats import other_files
from tests.signers.programs import BUILD, PDF_PROGRAMS, opened_workshop
from tests.vectors.honest import Honest, honest_files, print_sentences, reasons
from verifier.process.workers import LimitedWorkers

OUT = Path("docs/interoperability.md")
TRUE_ALARMS = Path(__file__).with_name("true_alarms.toml")
_NAME_OF_A_FILE = re.compile(r"[ST]-[0-9A-F]{64}|/tmp/\S+|[0-9a-f]{16,}")
"""What is another one at each run."""
_SAID_OF_ANY = frozenset({"REVOCATION-NOT-CHECKED", "ISSUER-NAME-MISWRITTEN", "ALGORITHM-NOT-ACCEPTABLE"})
"""Of how it was asked, of node-forge's names, of MuPDF's SHA-1: no alarm by themselves."""


Spoiling = Mapping[str, Mapping[str, Any]]


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
                if one.alarm and _is_true(one, spoiling):
                    print(f"true alarm {_named(one)}: {one.alarm}")
                elif one.alarm:
                    store(BUILD / "alarms", one)
                    print(f"ALARM {_named(one)}: {one.alarm}")
                elif one.report is None:
                    print(f"not made: {_named(one)}: {made.detail}")
    alarms = [one for one in judged if one.alarm and not _is_true(one, spoiling)]
    spoiled = [one for one in judged if one.alarm and _is_true(one, spoiling)]
    made_files = [one for one in judged if one.report is not None]
    honest = _of_the_corpora()
    OUT.write_text(_page(judged, spoiling, honest), encoding="utf-8")
    programs = len({one.made.first for one in made_files})
    print(f"{len(made_files)} files by {programs} programs and formats:")
    print(f"{len(alarms)} false alarms, {len(spoiled)} true ones")
    if "--sentences" in sys.argv:
        print_sentences((_named(one), one.report) for one in judged if one.report is not None)
    return 1 if alarms or not made_files else 0


def _of_the_corpora() -> list[Honest]:
    """The honest files of the shared corpora; none where they are not here."""
    shared = Path(os.environ.get("ANTIN_SHARED") or "../shared").resolve()
    if not (shared / "corpus").exists():
        return []
    with LimitedWorkers(workers=1) as workers:
        return list(honest_files(shared, workers))


def _named(one: Judged) -> str:
    made = one.made
    first = f"{made.first} ({made.how})"
    return first if made.second is None else f"{first}, then {made.second} ({made.action})"


def _is_true(one: Judged, spoiling: Spoiling) -> bool:
    """Whether what the programs are known to spoil is all that is said."""
    made = one.made
    keys = (f"{made.second}, {made.action}", f"{made.first} ({made.how})")
    known = {code for key in keys if key in spoiling for code in spoiling[key]["codes"]}
    return bool(one.codes & known) and one.codes <= known | _SAID_OF_ANY


def _page(judged: list[Judged], spoiling: Spoiling, honest: list[Honest]) -> str:
    lines = [
        "# Other programs sign, we check",
        "",
        "Made by `make signers` (`tests/signers`): the program of the row signs first, then the program of the column",
        "adds a second signature, a visible one, validation data, or a document time stamp, as its own documentation",
        "has it done. A cell counts the files in which every signature is intact, whole, followed by permitted changes",
        "only, and passed; `!` counts those with a false alarm, `~` those with a true one (below), `–` is what the",
        "second program refuses or does not offer. MuPDF 1.21 signs with SHA-1: intact, and refused by the policy for",
        "that reason alone. LibreOffice signs an existing file, and a letter of its own while it exports it, with a",
        "certificate of an NSS store, by UNO.",
        "",
        "| first \\ then | alone | " + " | ".join(PDF_PROGRAMS) + " |",
        "|" + "---|" * (len(PDF_PROGRAMS) + 2),
    ]
    cells: dict[tuple[str, str | None], list[Judged]] = defaultdict(list)
    for one in judged:
        cells[(one.made.first, one.made.second)].append(one)
    for first in PDF_PROGRAMS:
        columns = [_cell(cells.get((first, second), []), spoiling) for second in (None, *PDF_PROGRAMS)]
        lines.append(f"| {first} | " + " | ".join(columns) + " |")
    lines += ["", "| another format | files |", "|---|---|"]
    others = sorted({one.made.first for one in judged} - set(PDF_PROGRAMS))
    lines += [f"| {name} | {_cell(cells[(name, None)], spoiling)} |" for name in others]
    lines += _honest_section(judged, spoiling, honest)
    lines += ["", "## What a program did not make, in its own words", ""]
    refused: dict[str, list[str]] = defaultdict(list)
    for one in judged:
        if one.report is None:
            refused[" ".join(_NAME_OF_A_FILE.sub("…", one.made.detail).split())[:160]].append(_named(one))
    lines += [f"* {detail}: {'; '.join(sorted(names))}" for detail, names in sorted(refused.items())] or ["* nothing"]
    return "\n".join(lines) + "\n"


def _honest_section(judged: list[Judged], spoiling: Spoiling, honest: list[Honest]) -> list[str]:
    """Every honest file with an alarm or no answer, and why."""
    made = [one for one in judged if one.report is not None]
    sound = [one for one in made if not (one.alarm and _is_true(one, spoiling))]
    false = [one for one in sound if one.alarm]
    wrong = [one for one in honest if one.alarm]
    why, words = reasons()
    share = 100 * (len(false) + len(wrong) + len(words)) / max(len(sound) + len(honest), 1)
    lines = ["", "## Honest files with an alarm or no answer", ""]
    lines.append(
        f"{len(false)} of {len(sound)} files of the programs, {len(wrong)} of {len(honest)} honest ones of the corpora"
        f" (`python -m tests.vectors.honest`); of {len(words)} a sentence is not quite true. Together {share:.1f} %."
    )
    lines += ["", *(f"* {_named(one)}: {one.alarm}" for one in false)]
    lines += [f"* {one.name}: {one.alarm}. {why.get(one.name, 'No reason is given.')}" for one in wrong]
    lines += [f"* {name}, words: {reason}." for name, reason in words.items()]
    lines += [
        "",
        f"Not counted, for one of the two programs spoils what was signed ({len(made) - len(sound)} files):",
        "",
    ]
    return [*lines, *(f"* {name}: {entry['reason']}." for name, entry in spoiling.items())]


def _cell(found: list[Judged], spoiling: Spoiling) -> str:
    good = sum(one.report is not None and not one.alarm for one in found)
    true = sum(bool(one.alarm) and _is_true(one, spoiling) for one in found)
    false = sum(bool(one.alarm) for one in found) - true
    shown = [str(good) if good or not (true or false) else "", f"{false}!" if false else "", f"{true}~" if true else ""]
    return " ".join(part for part in shown if part) if good or true or false else "–"


if __name__ == "__main__":
    sys.exit(main())
