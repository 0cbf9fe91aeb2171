"""The same file, the same report: thousands of checks beside busy processes, against what a quiet machine said.

Three ways, as people take them: ``LimitedWorkers`` from many threads, REST of the production server (``antin serve``)
over kept connections, and ``antin verify``. All without network: what others answer, and when, is not the machine's.
Meanwhile worker processes are killed from outside now and then: that is not a document's fault either.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from api.i18n.texts import load_texts
from api.report_json import report_to_json
from api.settings import Settings
from api.validation import Validation
from demo.province import DemoProvince
from tests.chaos.busy import busy_machine
from tests.chaos.samples import Essence, Sample, essence_of, turns
from tests.chaos.server import killing_workers, serving
from verifier.verify import VerificationInput

ANTIN = Path(sys.executable).with_name("antin")
CLIENTS = 12
"""Requests at the same time, more than there are workers."""
THREADS = 6
FILES_PER_COMMAND = 25
SHARES = {"workers": 0.5, "REST": 0.4, "antin verify": 0.1}
MAX_REFUSED = 0.05
"""Share of checks by REST that may be answered 503 first."""

Samples = Sequence[Sample]


@dataclass(frozen=True)
class Plan:
    """How many checks, beside how many busy processes, and how often a worker is killed (None: never)."""

    checks: int
    load: int
    seed: int = 1
    kill_every_s: float | None = None


@dataclass
class Figures:
    """What came of the checks of one way. Thread-safe where it is added to."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, sample: Sample, found: Essence | str, seconds: float, *, refused: bool = False) -> None:
        """One check: its essence, or in words why there is none."""
        with self._lock:
            self.seconds.append(seconds)
            self.refused += refused
            if found != sample.essence:
                self.wrong.append(f"{sample.path.name}: {found if isinstance(found, str) else _apart(sample, found)}")

    @property
    def p99_s(self) -> float:
        """The time that one check in a hundred exceeds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)] if ordered else 0.0


def _apart(sample: Sample, found: Essence) -> str:
    differing = [(quiet, busy) for quiet, busy in zip(sample.essence, found, strict=True) if quiet != busy]
    return "; ".join(f"quiet {quiet!r}, busy {busy!r}" for quiet, busy in differing)[:600]


# --- the three ways ---


class InWorkers:
    """``LimitedWorkers.verify`` as the service calls it, from many threads."""

    def __init__(self, settings: Settings) -> None:
        self._validation = Validation(settings)
        self._texts = load_texts()

    def close(self) -> None:
        """End the workers."""
        self._validation.close()

    def essence(self, sample: Sample) -> Essence:
        """One check."""
        report = self._validation.judge(VerificationInput(sample.data), datetime.now(UTC))
        return essence_of(report_to_json(report, self._texts, None))

    def run(self, chosen: Samples, figures: Figures) -> None:
        """All of these checks."""
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(partial(_timed, self.essence, figures), chosen))


class ByRest:
    """``POST /v1/verifications`` of a running server; who is told to come again does."""

    def __init__(self, site: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS, keepalive_expiry=60)
        self._client = httpx.Client(base_url=site, headers=headers, limits=limits, timeout=None)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def essence(self, sample: Sample) -> Essence:
        """One check on a quiet machine."""
        answer, refused = self._answered(sample)
        assert not refused, answer.text
        return essence_of(answer.json())

    def _answered(self, sample: Sample) -> tuple[httpx.Response, int]:
        refused = 0
        while True:
            answer = self._client.post("/v1/verifications", files={"file": ("giay-to.pdf", sample.data)})
            if answer.status_code != 503:
                return answer, refused
            refused += 1
            time.sleep(float(answer.headers["Retry-After"]))

    def _check(self, figures: Figures, sample: Sample) -> None:
        started, refused = time.monotonic(), 0
        found: Essence | str
        try:
            answer, refused = self._answered(sample)
            found = essence_of(answer.json()) if answer.status_code == 200 else f"{answer.status_code} {answer.text}"
        except httpx.TransportError as error:
            found = f"{type(error).__name__}: {error}"
        figures.add(sample, found, time.monotonic() - started, refused=refused > 0)

    def run(self, chosen: Samples, figures: Figures) -> None:
        """All of these checks."""
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(partial(self._check, figures), chosen))


def by_command(environment: dict[str, str], chosen: Samples, figures: Figures) -> None:
    """``antin verify`` with some files each time, two commands at once."""
    groups = [chosen[at : at + FILES_PER_COMMAND] for at in range(0, len(chosen), FILES_PER_COMMAND)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(partial(_command, environment, figures), groups))


def _command(environment: dict[str, str], figures: Figures, group: Samples) -> None:
    started = time.monotonic()
    command = [str(ANTIN), "verify", "--json", "--offline", *(str(sample.path) for sample in group)]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    seconds = (time.monotonic() - started) / len(group)
    lines = done.stdout.splitlines()
    for number, sample in enumerate(group):
        ended = f"exit status {done.returncode}: {done.stderr[-300:]}"
        found = essence_of(json.loads(lines[number])) if number < len(lines) else ended
        figures.add(sample, ended if done.returncode else found, seconds)


def _timed(essence: Callable[[Sample], Essence], figures: Figures, sample: Sample) -> None:
    started = time.monotonic()
    found: Essence | str
    try:
        found = essence(sample)
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    figures.add(sample, found, time.monotonic() - started)


# --- the run ---


def check_under_load(province: DemoProvince, paths: Sequence[Path], plan: Plan, folder: Path) -> dict[str, Figures]:
    """Each file on the quiet machine first, then all checks beside the busy processes; figures by way."""
    environment = {**province.environment, "ANTIN_OFFLINE": "1", "ANTIN_VERIFY_WORKERS": "2"}
    plain = [Sample(path, path.read_bytes()) for path in paths]
    figures = {way: Figures() for way in SHARES}
    with ExitStack() as stack:
        in_workers = InWorkers(Settings.from_environment(environment))
        stack.callback(in_workers.close)
        quiet = [_on_a_quiet_machine(in_workers.essence, sample) for sample in plain]
        site = stack.enter_context(serving(environment, folder / "serve.log"))
        by_rest = ByRest(site, province.portal_key)
        stack.callback(by_rest.close)
        for sample in plain:
            by_rest.essence(sample)  # from the second time on the service knows when it received these bytes
        known = [_on_a_quiet_machine(by_rest.essence, sample) for sample in plain]
        with busy_machine(plan.load):
            in_workers.run(_chosen(quiet, plan, "workers"), figures["workers"])
            with killing_workers(plan.kill_every_s):
                by_rest.run(_chosen(known, plan, "REST"), figures["REST"])
            by_command(environment, _chosen(quiet, plan, "antin verify"), figures["antin verify"])
    return figures


def _on_a_quiet_machine(essence: Callable[[Sample], Essence], sample: Sample) -> Sample:
    started = time.monotonic()
    found = essence(sample)
    return replace(sample, essence=found, quiet_s=time.monotonic() - started)


def _chosen(samples: Samples, plan: Plan, way: str) -> list[Sample]:
    return turns(samples, round(plan.checks * SHARES[way]), plan.seed)


def shortcomings(figures: dict[str, Figures]) -> Iterator[str]:
    """Where the figures fall short, in words."""
    for way, found in figures.items():
        yield from (f"{way}: {one}" for one in found.wrong)
        allowed = MAX_REFUSED if way == "REST" else 0
        if found.refused > allowed * len(found.seconds):
            yield f"{way}: {found.refused} of {len(found.seconds)} were told to come again"


def print_figures(figures: dict[str, Figures], plan: Plan, files: int, seconds: float) -> None:
    """A line for each way."""
    print(f"{plan.checks} checks of {files} files beside {plan.load} busy processes, {seconds:.0f} s")
    print(f"  {'way':<14}{'checks':>8}{'wrong':>7}{'503':>6}{'median s':>10}{'p99 s':>8}")
    for way, found in figures.items():
        median = sorted(found.seconds)[len(found.seconds) // 2] if found.seconds else 0.0
        counts = f"{len(found.seconds):>8}{len(found.wrong):>7}{found.refused:>6}"
        print(f"  {way:<14}{counts}{median:>10.2f}{found.p99_s:>8.2f}")
    for one in shortcomings(figures):
        print(f"WRONG {one}")
