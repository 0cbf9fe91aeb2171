"""``make bench``: how long the main things take, as a table and as ``build/bench.json`` (rows as contract.md has them).

Medians of warm runs over real processes and sockets; ``against`` names what a value is compared with, ``limit`` what it
must not exceed, where something is promised. ``--rows checks,status`` measures some groups of rows alone,
``--against COMMIT`` the rows about checks of two trees in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from api.actions import check_result, seals
from api.actions.dossiers import put_dossier
from api.actions.verify_document import Upload, verify_upload
from api.callers import OPERATOR
from api.services import Services, build_services
from api.settings import Settings
from api.storage.database import Database
from api.storage.migrate import upgrade_database
from api.storage.upkeep import Task, count_by_month, due_upkeep
from certs.crl import judge_crl
from certs.evidence import Question, unknown
from demo import documents
from demo.citizen import sign_as
from demo.pki import DemoPki, make_pki
from demo.province import AGENCY, SIGNATORY, make_province
from demo.responders import Responders, free_base_url
from tests.bench_against import compare_with
from tests.bench_checks import APPLICANT, Papers, check_rows, large_rows, papers_of, pyhanko_rows
from tests.bench_sealing import Row, measure_sealing
from tests.bench_timing import median_ms, print_rows, row
from tests.bench_token import rates_in_own_process
from tests.desk import DOSSIER, dossier_data
from tests.living_scale import fill_upkeep
from tests.pki.large_crl import large_crl

OUT = Path("build/bench.json")
DUE_LIMIT_MS = 20.0
"""The worker asks every five seconds; it must not be felt, however many results there are."""
ANTIN = Path(sys.executable).with_name("antin")


@dataclass
class Bench:
    """A demo province whose responders run, and where files may be put."""

    services: Services
    responders: Responders
    environment: dict[str, str]
    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @cached_property
    def papers(self) -> Papers:
        """Made once; one of them is sealed here."""
        sealed = _seal(self.services, next(self.numbers), "B-LTA")
        return papers_of(self.responders.pki, self.services.documents.get(sealed.sha256))


def _checks(bench: Bench) -> Iterator[Row]:
    yield from check_rows(bench.services, bench.papers)


def _beside_pyhanko(bench: Bench) -> Iterator[Row]:
    yield from pyhanko_rows(bench.services, bench.responders.pki, bench.papers)


def _large(bench: Bench) -> Iterator[Row]:
    yield from large_rows(bench.services, bench.responders.pki, bench.papers)


def _status(bench: Bench) -> Iterator[Row]:
    pki = bench.responders.pki
    yield from _large_crl(pki)
    signed = sign_as(pki.holder("citizen"), documents.declaration(APPLICANT, "1.200"))
    yield from _verification_with_large_crl(bench.services, bench.responders, signed)


def _seals(bench: Bench) -> Iterator[Row]:
    def one_more(level: str) -> Callable[[], object]:
        return lambda: _seal(bench.services, next(bench.numbers), level)

    orders = {level: median_ms(one_more(level), 7) for level in seals.SEAL_LEVELS}
    for level, took in orders.items():
        yield row(f"seal {level}, two signatures, SoftHSM", took, "ms", against=("B-B", orders["B-B"]))
    one, several = rates_in_own_process()
    yield row("RSA-3072 in SoftHSM, four sessions", several, "signatures/s", against=("one session", one))
    yield from measure_sealing(bench.services, bench.environment, bench.responders.pki, bench.folder)


def _register(bench: Bench) -> Iterator[Row]:
    sealed = _seal(bench.services, next(bench.numbers), "B-B")
    by_digest = median_ms(lambda: check_result.public_by_digest(bench.services, sealed.sha256), 50)
    yield row("public check by file's digest", by_digest, "ms")
    yield from _evidence_of_many(bench.folder)


def _commands(bench: Bench) -> Iterator[Row]:
    paper = bench.folder / "paper.pdf"
    citizen = bench.responders.pki.holder("citizen")
    paper.write_bytes(sign_as(citizen, documents.declaration(APPLICANT, "1.200")))
    help_s = median_ms(lambda: _antin(bench.environment, "--help"), 5) / 1000
    yield row("antin --help", help_s, "s", limit=1.0)
    verify_s = median_ms(lambda: _antin(bench.environment, "verify", str(paper)), 5) / 1000
    yield row("antin verify, one file, from the shell", verify_s, "s", against=("antin --help", help_s))


def _corpus_rows(bench: Bench) -> Iterator[Row]:
    yield from _corpus(bench.environment)


GROUPS: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "checks": _checks,
    "pyhanko": _beside_pyhanko,
    "large": _large,
    "status": _status,
    "seals": _seals,
    "register": _register,
    "commands": _commands,
    "corpus": _corpus_rows,
}


def _large_crl(pki: DemoPki) -> Iterator[Row]:
    """One certificate looked up in a CRL of 500,000 entries, after the first use."""
    citizen, now = pki.holder("citizen"), datetime.now(UTC)
    issuer = citizen.issuer.asn1
    question = Question(citizen.asn1, issuer, (issuer,), (), now, now)

    def asked(entries: int) -> float:
        data = large_crl(citizen.issuer, entries, now - timedelta(hours=1), now + timedelta(days=1))
        return median_ms(lambda: judge_crl(data, question, lambda *_: unknown("not asked")))

    empty = asked(0)
    took = asked(500_000)
    yield row(
        "status by a CRL of 500,000 entries", took, "ms", against=("an empty CRL", empty), limit=1.2 * empty + 0.1
    )


def _verification_with_large_crl(services: Services, responders: Responders, signed: bytes) -> Iterator[Row]:
    """The whole of a verification, stored, whose status comes from a CRL of 500,000 entries over HTTP."""
    issuer, now = responders.pki.holder("citizen").issuer, datetime.now(UTC)
    responders.down(f"ocsp/{issuer.slug}")
    upload = Upload(signed, "don.pdf")

    def asked(entries: int) -> float:
        crl = large_crl(issuer, entries, now - timedelta(hours=1), now + timedelta(days=1))
        responders.publish(issuer.slug, crl)
        return median_ms(lambda: verify_upload(services, OPERATOR, upload), 12, 3)

    pairs = [(asked(0), asked(500_000)) for _ in range(4)]  # in turn, for the machine's speed drifts
    empty, took = min(pairs, key=lambda pair: abs(pair[1] / pair[0] - statistics.median(b / a for a, b in pairs)))
    responders.reset()
    against = ("an empty CRL", empty)
    yield row("verification stored, CRL of 500,000 entries", took, "ms", against=against, limit=1.2 * empty)


def _corpus(environment: dict[str, str]) -> Iterator[Row]:
    shared = Path(os.environ.get("ANTIN_SHARED") or "../shared")
    files = sorted(map(str, (shared / "corpus/pdf").rglob("*.pdf")))
    if files:
        started = time.perf_counter()
        _antin(environment, "verify", "--json", "--offline", *files)
        yield row(f"antin verify over {len(files)} real files", time.perf_counter() - started, "s")


def _evidence_of_many(folder: Path) -> Iterator[Row]:
    """What is due among a million results, and what of all of them ends when."""
    settings = Settings.from_environment({"ANTIN_HOME": str(folder / "many")})
    upgrade_database(settings)
    database, now = Database(settings.database_url), datetime.now(UTC)
    try:
        for results in (10_000, 1_000_000):
            with database.writing() as transaction:
                transaction.connection.exec_driver_sql("delete from result_upkeep")
            fill_upkeep(database, results, now)
            took = median_ms(lambda: _due(database, now), 15)
            row_name = f"due evidence among {results:,} results"
            yield row(row_name, took, "ms", limit=DUE_LIMIT_MS if results == 1_000_000 else None)
        months = median_ms(lambda: _months(database), 3, 1)
        yield row("evidence by month, 1,000,000 results", months, "ms")
    finally:
        database.close()


def _due(database: Database, now: datetime) -> None:
    with database.reading() as transaction:
        found = [row for task in Task for row in due_upkeep(transaction, task, now, 20)]
    assert len(found) == min(20, len(found)) and found


def _months(database: Database) -> None:
    with database.reading() as transaction:
        count_by_month(transaction, None, 120)


def _seal(services: Services, number: int, level: str) -> seals.Seal:
    today = datetime.now(UTC).date()
    permit = documents.permit(APPLICANT, f"{number}/GP", today, "Phạm Thị Mẫu", "1.200")
    order = seals.SealOrder(
        agency=AGENCY,
        signatory=SIGNATORY,
        dossier=DOSSIER,
        document=permit,
        level=level,
        title="Giấy phép",
        number=f"{number}/GP",
        holder_name=APPLICANT.name,
        issued_on=today,
    )
    return seals.seal(services, OPERATOR, f"bench-{number}", order)


def _antin(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([str(ANTIN), *arguments], env={**os.environ, **environment}, check=True, capture_output=True)


def measure(chosen: Sequence[str]) -> list[Row]:
    """The rows of these groups, in a province of their own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="antin-bench-")))
        pki = make_pki(folder / "pki", free_base_url())
        responders = stack.enter_context(Responders(pki))
        province = make_province(folder / "home", pki)
        settings = Settings.from_environment(province.environment)
        services = stack.enter_context(build_services(settings, environ=province.environment))
        put_dossier(services, OPERATOR, DOSSIER, dossier_data())
        bench = Bench(services, responders, province.environment, folder)
        return [one for name in chosen for one in GROUPS[name](bench)]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…")
    parser.add_argument("--rows", default=",".join(GROUPS), help=f"groups of rows (default all): {', '.join(GROUPS)}")
    parser.add_argument("--against", metavar="COMMIT", help="the check rows of its tree and of this one, in turn")
    parser.add_argument("--alternations", type=int, default=9, help="of --against")
    asked = parser.parse_args()
    if asked.against:
        sys.exit(compare_with(asked.against, asked.alternations))
    chosen = asked.rows.split(",")
    if unknown := [name for name in chosen if name not in GROUPS]:
        parser.error(f"no rows {', '.join(unknown)} (there are {', '.join(GROUPS)})")
    rows = measure(chosen)
    print_rows(rows)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(one) for one in rows], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.exit(0 if all(one.holds is not False for one in rows) else 1)


if __name__ == "__main__":
    main()
