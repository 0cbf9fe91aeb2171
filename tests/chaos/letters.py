"""Letters of two portals and a clerk through a server whose processes are killed; then every number is looked at.

The portals do what portals do: each letter has its key, and a request whose answer did not come is sent again. Some
letters wait for the clerk, some cannot be sealed and lose their number to a void, some bring the portal's own number,
which the other portal has too; the clerk meanwhile records numbers that were used on paper.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
from sqlalchemy import func, select

from api.actions import dossiers, identities, letters, numbers, seals
from api.actions.numbers import PaperNumber
from api.callers import OPERATOR, Caller, CallerKind, Right
from api.dossiers.letter import LetterState
from api.dossiers.numbering import NumberState, gaps, paper_number
from api.refused import Refused
from api.services import Services, build_services
from api.settings import Settings
from api.storage.journal import verify_acts_chain
from api.storage.number_tables import document_numbers
from api.storage.numbers import NumberRow
from api.storage.seals import IntentState
from api.storage.tables import results, seal_intents
from demo.pki import DemoPki
from tests.chaos.server import serving
from tests.letter_making import SERIES, letter, this_year
from tests.sealing_home import AGENCY, SIGNATORY, dossier_data, sealing_settings
from verifier.report import Conclusion
from verifier.verify import VerificationInput

ANTIN = Path(sys.executable).with_name("antin")
CLERK = Caller(CallerKind.OFFICER, "officer:chaos", "Văn thư", frozenset({AGENCY}), frozenset({Right.KEEP_NUMBERS}))
CONNECTIONS = 3
"""Of each portal."""
GONE = "nguoi-cu"
"""A signatory whose certificate is revoked: found out when the number has been given."""
WRONG_WAY = "Chứng thư của người ký đã bị thu hồi, không phát hành"
NEVER_USED = "Nhảy số do ghi nhận số giấy"
RETURNED = "Thiếu căn cứ"
SAMPLE = 40
"""Issued letters that are opened and judged at the end."""


@dataclass(frozen=True)
class Plan:
    """So many letters by two portals, so many serving processes, one killed about every so many seconds."""

    letters: int
    workers: int
    kill_every_s: float
    max_kills: int = sys.maxsize
    seed: int = 1
    limit_s: float = 3 * 3600.0


@dataclass
class Figures:
    """What was done and found; ``wrong`` names what must not be, and is empty."""

    letters: int = 0
    seconds: float = 0.0
    kills: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    given: int = 0
    issued: int = 0
    doubles: int = 0
    paper: int = 0
    voids: int = 0
    unexplained: int = 0
    taken_over: int = 0
    judged: int = 0
    wrong: list[str] = field(default_factory=list)


def run(folder: Path, pki: DemoPki, plan: Plan, database: dict[str, str]) -> Figures:
    """An installation of its own with its server and worker, and the fire."""
    home = folder / "home"
    with sealing_settings(home, pki).agencies_path.open("a", encoding="utf-8") as agencies:
        key = f'{{ kind = "pkcs12", path = "{pki.pkcs12_path("revoked")}", passphrase_file = "passphrase" }}'
        gone = f'[[agency.{AGENCY}.signatory]]\nid = "{GONE}"\nname = "Lê Văn Cũ"\nkey = {key}\n'
        agencies.write(gone + SERIES)
    environment = {**os.environ, "ANTIN_HOME": str(home), **database}
    environment.pop("ANTIN_TSA_URLS", None)
    settings = replace(Settings.from_environment(environment), public_url="http://127.0.0.1:1")
    with (
        build_services(settings, environ=environment) as services,
        serving(environment, folder / "serve.log", "--workers", str(plan.workers)) as site,
        resolving(environment, folder / "worker.log"),
    ):
        return issue_under_fire(services, site, _server(site), plan)


def _server(site: str) -> psutil.Process:
    """The server's own process: the parent of those that serve."""
    port = int(site.rpartition(":")[2])
    for process in psutil.Process().children(recursive=True):
        if str(port) in " ".join(process.cmdline()) and process.ppid() == os.getpid():
            return process
    raise RuntimeError("the server is not there")


def issue_under_fire(services: Services, site: str, server: psutil.Process, plan: Plan) -> Figures:
    """Have all letters issued while serving processes are killed; settle what is left; look at everything."""
    figures, started = Figures(letters=plan.letters), time.monotonic()
    portals = [identities.create_api_key(services, OPERATOR, f"cổng {n}").text for n in (1, 2)]
    for number in (1, 2):
        dossiers.put_dossier(services, OPERATOR, f"PORTAL-{number}", dossier_data())
    over = threading.Event()
    with _killing(services, server, plan, figures), ThreadPoolExecutor(2 * CONNECTIONS + 1) as threads:
        clerk = threads.submit(_clerk, services, over, plan.seed)
        asked = [
            threads.submit(_portal, site, portals[n % 2], n % 2 + 1, range(n, plan.letters, 2 * CONNECTIONS), plan)
            for n in range(2 * CONNECTIONS)
        ]
        for one in asked:
            figures.answers.update(one.result())
        over.set()
        clerk.result()
    _settle(services, plan)
    figures.seconds = time.monotonic() - started
    _judge(services, figures)
    return figures


def kind_of(number: int) -> str:
    """What sort of letter the number-th one is: of ten, seven plain ones and one of each of the others."""
    return {3: "clerk", 5: "portal", 8: "failing"}.get(number % 10, "plain")


def _portal(site: str, key: str, portal: int, mine: range, plan: Plan) -> Counter[str]:
    """One connection of a portal: each letter of its own until it is answered for good."""
    answers: Counter[str] = Counter()
    end = time.monotonic() + plan.limit_s
    with httpx.Client(base_url=site, timeout=150, headers={"Authorization": f"Bearer {key}"}) as client:
        for number in mine:
            while time.monotonic() < end:
                with suppress(httpx.TransportError):  # the process that had it is dead: the same once more
                    answer = _order(client, portal, number)
                    if answer.status_code < 500 and not _in_progress(answer):
                        answers[f"{kind_of(number)} {answer.status_code}"] += 1
                        break
                time.sleep(0.3)
    return answers


def _order(client: httpx.Client, portal: int, number: int) -> httpx.Response:
    kind = kind_of(number)
    sign, issue = "GP-STNMT", {"series": "giay-phep", "by_clerk": kind == "clerk"}
    if kind == "portal":  # the same number comes from the other portal ten letters on
        sign = f"{this_year()}/TB-STNMT"
        issue = {"series": "cong", "number": number // 20 + 1, "issued_on": f"{datetime.now(UTC).date()}"}
    order = {
        "agency": AGENCY,
        "signatory": GONE if kind == "failing" else SIGNATORY,
        "dossier": f"PORTAL-{portal}",
        "title": f"Giấy phép {number}",
        "holder_name": "Nguyễn Thị Hoa",
        "level": "B-B",
        "issue": issue,
    }
    body = {"order": json.dumps(order)}
    document = {"file": (f"{number}.pdf", io.BytesIO(letter(f"{number}.000", sign)), "application/pdf")}
    return client.post("/v1/seals", data=body, files=document, headers={"Idempotency-Key": f"letter-{number}"})


def _in_progress(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json()["type"].endswith("/seal-in-progress")


def _clerk(services: Services, over: threading.Event, seed: int) -> None:
    """Issues what waits, returns one in ten, voids what failed, and now and then writes a letter on paper."""
    chance = random.Random(seed)
    while not over.wait(chance.uniform(0.5, 2.0)):
        _clear(services, chance)
        if chance.random() < 0.25:
            _on_paper(services, chance.choice((0, 0, 1, 2)))


def _clear(services: Services, chance: random.Random) -> None:
    for waiting in letters.waiting(services, CLERK):
        with suppress(Refused):
            if waiting.state is LetterState.WAITING and chance.random() < 0.1:
                letters.send_back(services, CLERK, waiting.id, RETURNED)
            else:
                letters.issue(services, CLERK, waiting.id)
    for row in _register(services):
        if row.state is NumberState.GIVEN:
            with suppress(Refused):  # it is being issued right now
                numbers.void_number(services, CLERK, AGENCY, row.series, row.year, row.number, WRONG_WAY)


def _on_paper(services: Services, ahead: int) -> None:
    """A number on paper: the next one, or one that leaves a gap."""
    last = next(one.last_number for one in numbers.list_series(services, CLERK) if one.id == "giay-phep")
    paper = PaperNumber(AGENCY, "giay-phep", last + 1 + ahead, None, datetime.now(UTC).date(), "Trên giấy")
    with suppress(Refused):  # somebody was quicker: it is taken
        numbers.record_paper_number(services, CLERK, paper)


def _settle(services: Services, plan: Plan) -> None:
    """The server stands; what deaths left open is finished, and the clerk explains every number that is left."""
    end = time.monotonic() + 600
    while _pending(services) and time.monotonic() < end:
        seals.resolve_intents(services)
        time.sleep(0.5)
    chance = random.Random(plan.seed)
    while letters.waiting(services, CLERK) and time.monotonic() < end:
        _clear(services, chance)
    _clear(services, chance)
    page = numbers.read_register(services, CLERK, AGENCY, "giay-phep", this_year())
    for low, high in page.gaps:
        for number in range(low, high + 1):
            numbers.void_number(services, CLERK, AGENCY, "giay-phep", this_year(), number, NEVER_USED)


def _pending(services: Services) -> int:
    with services.database.reading() as transaction:
        query = select(func.count()).where(seal_intents.c.state == IntentState.PENDING.value)
        return int(transaction.connection.scalar(query) or 0)


def _register(services: Services, series: str = "giay-phep") -> list[NumberRow]:
    found: list[NumberRow] = []
    after: int | None = 0
    while after is not None:
        page = numbers.read_register(services, CLERK, AGENCY, series, this_year(), after)
        found += page.entries
        after = page.next_after
    return found


def _judge(services: Services, figures: Figures) -> None:
    """1 no number on two letters · 2 every issued number is its letter's · 3 voids say why · 4 no gap unexplained."""
    rows = [*_register(services), *_register(services, "cong")]
    with services.database.reading() as transaction:
        ask = transaction.connection.execute
        sealed = {row.result_code: row.paper_number for row in ask(select(results))}
        twice = Counter(row.intent for row in ask(select(document_numbers)) if row.state != "void" and row.intent)
        figures.taken_over = int(
            transaction.connection.scalar(select(func.count()).where(seal_intents.c.attempts > 1)) or 0
        )
        if verify_acts_chain(transaction).first_bad is not None:
            figures.wrong.append("the chain of acts is broken")
    figures.given = sum(row.intent is not None for row in rows)
    figures.issued = sum(row.state is NumberState.ISSUED for row in rows)
    figures.paper = sum(row.state is NumberState.PAPER for row in rows)
    figures.voids = sum(row.state is NumberState.VOID for row in rows)
    figures.doubles = len(sealed) - len(set(sealed.values())) + sum(count - 1 for count in twice.values())  # 1
    for row in rows:  # 2, 3
        quoted = paper_number(row.number, row.sign)
        if row.state is NumberState.ISSUED and sealed.pop(row.result_code or "", None) != quoted:
            figures.wrong.append(f"{quoted}: issued for {row.result_code}, which has another number")
        if row.state is NumberState.VOID and not (row.void_reason and row.voided_by and row.voided_at):
            figures.wrong.append(f"{quoted}: void without reason, name or time")
        if row.state is NumberState.GIVEN:
            figures.wrong.append(f"{quoted}: given and neither issued nor voided")
    figures.wrong += [f"{code}: a letter without a number in the register" for code in sealed]
    ours = [row.number for row in rows if row.series == "giay-phep"]
    figures.unexplained = sum(high - low + 1 for low, high in gaps(ours, 1))  # 4
    _judge_files(services, rows, figures)


def _judge_files(services: Services, rows: list[NumberRow], figures: Figures) -> None:
    """A sample of the letters passes, and each reads as the register says."""
    issued = [row for row in rows if row.state is NumberState.ISSUED]
    for row in random.Random(1).sample(issued, min(SAMPLE, len(issued))):
        _, data = seals.sealed_document(services, OPERATOR, row.result_code or "")
        report = services.validation.judge(VerificationInput(data), datetime.now(UTC))
        wrote = [dict(one.parameters) for one in report.findings if one.code.startswith("CLERK-WROTE")]
        if report.conclusion is not Conclusion.TOTAL_PASSED or [int(one["number"]) for one in wrote] != [row.number]:
            figures.wrong.append(f"{row.result_code}: {report.conclusion}, {wrote} for {row.number}")
        figures.judged += 1


@contextmanager
def _killing(services: Services, server: psutil.Process, plan: Plan, figures: Figures) -> Iterator[None]:
    """Now and then a serving process that is at a letter is killed with SIGKILL; the server starts another one.

    On a slow machine less often: not before another letter is out, else none ever would be.
    """
    over, chance = threading.Event(), random.Random(plan.seed)

    def kill() -> None:
        next_kill, out_at_kill = time.monotonic(), -1
        while figures.kills < plan.max_kills and not over.wait(0.1):
            out, at_work = _progress(services)
            victims = sorted(at_work & {process.pid for process in server.children()})
            if victims and out > out_at_kill and time.monotonic() >= next_kill:
                over.wait(chance.uniform(0, 1.0))
                with suppress(psutil.Error):
                    psutil.Process(chance.choice(victims)).kill()
                    figures.kills, out_at_kill = figures.kills + 1, out
                next_kill = time.monotonic() + plan.kill_every_s * chance.uniform(0.5, 1.5)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _progress(services: Services) -> tuple[int, set[int]]:
    """How many letters are out, and which processes are at one."""
    with services.database.reading() as transaction:
        out = int(transaction.connection.scalar(select(func.count()).select_from(results)) or 0)
        holding = select(seal_intents.c.lease_holder).where(seal_intents.c.lease_holder.is_not(None))
        holders = list(transaction.connection.scalars(holding))
    return out, {int(holder.rsplit(":", 2)[1]) for holder in holders}


@contextmanager
def resolving(environment: dict[str, str], log: Path) -> Iterator[None]:
    """``antin worker`` beside the server, as an operator runs it: it finishes what the dead had begun."""
    with log.open("wb") as out:
        process = subprocess.Popen([str(ANTIN), "worker", "--interval", "0.5"], env=environment, stdout=out, stderr=out)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def print_figures(plan: Plan, figures: Figures, database: str) -> None:
    """As a table for people."""
    print(f"{plan.letters} letters of two portals, {plan.workers} serving processes, a clerk, {database}")
    print(f"  {figures.seconds:.0f} s, {figures.kills} processes killed (SIGKILL) while at a letter,")
    print(f"  {figures.taken_over} sealings of these taken over with their numbers")
    print(f"  answers to the portals: {', '.join(f'{name}: {n}' for name, n in sorted(figures.answers.items()))}")
    print(f"  numbers given {figures.given}, issued {figures.issued}, doubles {figures.doubles}")
    print(f"  used on paper {figures.paper}, voids {figures.voids}, gaps without reason {figures.unexplained}")
    print(f"  {figures.judged} of the letters opened and judged: each reads as the register says")
    if figures.wrong:
        print("WRONG:", *figures.wrong, sep="\n  ")


def is_well(figures: Figures) -> bool:
    """Nothing double, nothing unexplained, nothing wrong, and every letter was answered."""
    answered = sum(figures.answers.values()) == figures.letters
    return answered and not (figures.doubles or figures.unexplained or figures.wrong)
