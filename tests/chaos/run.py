"""``make chaos``: a batch of 1,000 whose workers are killed every few seconds; prints what came of it.

``--postgresql`` runs it on a PostgreSQL cluster of its own (made and removed here) in place of SQLite.
``--verdicts``: instead, 10,000 checks beside 20 busy processes, each against the verdict of the quiet machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from api.services import build_services
from api.settings import Settings
from demo.pki import make_pki
from demo.province import make_province
from demo.responders import Responders, free_base_url
from tests.chaos import letters, verdicts
from tests.chaos.batch import Outcome, Plan, seal_under_fire
from tests.chaos.postgresql import own_cluster
from tests.chaos.samples import corpus_files, own_papers

VERDICT_KILLS_S = 30.0
"""So often a worker process of the server is killed during the checks by REST."""


def main() -> None:
    """Run it and end with 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="make chaos ARGS=…")
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill-every", type=float, default=5.0, metavar="SECONDS")
    parser.add_argument("--level", default="B-B")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="a cluster of its own instead of SQLite")
    parser.add_argument("--letters", type=int, metavar="N", help="instead: N letters of two portals, their numbers")
    parser.add_argument("--verdicts", action="store_true", help="instead: the same files checked on a busy machine")
    parser.add_argument("--checks", type=int, default=10_000, help="of --verdicts")
    parser.add_argument("--load", type=int, default=20, help="of --verdicts: busy processes beside them")
    parser.add_argument("--files", type=int, metavar="N", help="of --verdicts: N files of the corpus in place of all")
    asked = parser.parse_args()
    if asked.verdicts:
        sys.exit(_verdicts(verdicts.Plan(asked.checks, asked.load, asked.seed, VERDICT_KILLS_S), asked.files))
    if asked.letters:
        asked_letters = letters.Plan(asked.letters, max(asked.workers, 4), asked.kill_every, seed=asked.seed)
        sys.exit(_letters(asked_letters, postgresql=asked.postgresql))
    plan = Plan(asked.items, asked.workers, asked.kill_every, sys.maxsize, asked.seed, asked.level)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="antin-chaos-")))
        pki = make_pki(folder / "pki", free_base_url())
        stack.enter_context(Responders(pki))
        database = {"ANTIN_DATABASE_URL": stack.enter_context(own_cluster())} if asked.postgresql else {}
        province = make_province(folder / "home", pki, extra=database)
        environment = province.environment
        settings = Settings.from_environment(environment)
        services = stack.enter_context(build_services(settings, environ=environment))
        outcome = seal_under_fire(services, environment, plan, folder / "workers.log")
        if outcome.wrong:
            print((folder / "workers.log").read_text(encoding="utf-8", errors="replace")[-3000:])
    _print(plan, outcome, "PostgreSQL" if asked.postgresql else "SQLite")
    sys.exit(1 if outcome.wrong else 0)


def _letters(plan: letters.Plan, *, postgresql: bool) -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="antin-chaos-")))
        pki = make_pki(folder / "pki", free_base_url())
        stack.enter_context(Responders(pki))
        database = {"ANTIN_DATABASE_URL": stack.enter_context(own_cluster())} if postgresql else {}
        figures = letters.run(folder, pki, plan, database)
        letters.print_figures(plan, figures, "PostgreSQL" if postgresql else "SQLite")
        well = letters.is_well(figures)
        if not well:
            print((folder / "serve.log").read_text(encoding="utf-8", errors="replace")[-3000:])
    return 0 if well else 1


def _verdicts(plan: verdicts.Plan, most: int | None) -> int:
    shared = Path(os.environ.get("ANTIN_SHARED") or "../shared").resolve()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="antin-chaos-")))
        pki = make_pki(folder / "pki", free_base_url())
        with Responders(pki):
            province = make_province(folder / "home", pki)
            own = own_papers(province, folder / "papers")
        found = list(corpus_files(shared))
        files = [*own, *(found if most is None else found[:: max(len(found) // most, 1)])]
        started = time.monotonic()
        figures = verdicts.check_under_load(province, files, plan, folder)
        verdicts.print_figures(figures, plan, len(files), time.monotonic() - started)
    return 1 if list(verdicts.shortcomings(figures)) else 0


def _print(plan: Plan, outcome: Outcome, database: str) -> None:
    print(f"{plan.items} results at {plan.level}, {plan.workers} workers, SoftHSM, {database}")
    print(f"  {outcome.seconds:.0f} s, {plan.items / outcome.seconds:.1f} results a second, kills included")
    print(f"  {outcome.kills} workers killed (SIGKILL) while at an item, {outcome.deaths} items taken over from them,")
    print(f"  {outcome.taken_over} sealings of these begun again with their codes; {outcome.orphans} sealed files that")
    print("  a kill left without a record (handed to nobody; the sweep removes them)")
    if outcome.wrong:
        print("WRONG:", *outcome.wrong, sep="\n  ")
    else:
        print(f"  all {plan.items} sealed, none twice: results, codes, intents, documents, events, files verified")


if __name__ == "__main__":
    main()
