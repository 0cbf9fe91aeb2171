"""``antin batch``: batches of seals from the command line, by the same actions as REST."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.callers import OPERATOR
from api.commands.installation import opened_services
from api.commands.line import CommandLine, SpokenCommand, SpokenGroup, argument_bytes, local_time, option, pass_line

if TYPE_CHECKING:
    from api.actions.batch_order import BatchItem, BatchOrder
    from api.actions.batch_view import Batch
    from api.callers import Caller
    from api.services import Services

POLL_S = 0.5
FAILED_SHOWN = 100


@click.group(cls=SpokenGroup)
def batch() -> None:
    """See ``cli.help.batch`` in the catalogue."""


@batch.command("create", cls=SpokenCommand)
@click.argument("order", type=click.Path(path_type=Path))
@option(
    "--documents", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="cli.option.batch-documents"
)
@option(
    "--then", type=click.Choice(["wait", "check", "seal"]), default="wait", show_default=True, help="cli.option.then"
)
@option("--idempotency-key", metavar="KEY", help="cli.option.idempotency-key")
@pass_line
def create(line: CommandLine, order: Path, documents: Path | None, then: str, idempotency_key: str | None) -> None:
    """See ``cli.help.batch-create`` in the catalogue."""
    from api.actions import batches

    made, files = _read_order(line, order, documents or order.parent, then)
    with opened_services(line) as services:
        recorded = batches.create_batch(services, OPERATOR, idempotency_key or f"cli-{made.sha256}", made)
        with _bar(line) as bar:
            task = bar.add_task(line.say("cli.batch.sending"), total=len(files))
            for digest, file in files.items():
                batches.put_document(services, OPERATOR, recorded.id, digest, argument_bytes(line, file))
                bar.advance(task)
        _tell(line, services, recorded.id)


@batch.command("list", cls=SpokenCommand)
@pass_line
def list_all(line: CommandLine) -> None:
    """See ``cli.help.batch-list`` in the catalogue."""
    from api.actions.batch_view import ItemState, list_batches

    with opened_services(line) as services:
        found = list_batches(services, OPERATOR, 100)
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("id", "name", "state", "sealed", "refused", "since"):
        table.add_column(line.say(f"cli.column.{column}"))
    for one in found:
        counts = (f"{one.counts[ItemState.SEALED]}/{one.total}", str(one.counts[ItemState.REFUSED]))
        table.add_row(one.id, one.name, _state(line, one), *counts, local_time(one.created_at))
    line.out.print(table)


@batch.command("show", cls=SpokenCommand)
@click.argument("batch_id", metavar="ID")
@option("--follow", is_flag=True, help="cli.option.follow")
@pass_line
def show(line: CommandLine, batch_id: str, follow: bool) -> None:
    """See ``cli.help.batch-show`` in the catalogue."""
    with opened_services(line) as services:
        if follow:
            _follow(line, services, batch_id)
        _tell(line, services, batch_id)


def _control(name: str, action: str) -> None:
    """One of the commands that change a batch; the action is looked up when it is called."""

    @batch.command(name, cls=SpokenCommand)
    @click.argument("batch_id", metavar="ID")
    @pass_line
    def act(line: CommandLine, batch_id: str) -> None:
        from api.actions import batch_control

        change: Callable[[Services, Caller, str], Batch] = getattr(batch_control, action)
        with opened_services(line) as services:
            change(services, OPERATOR, batch_id)
            _tell(line, services, batch_id)


for _name in ("check", "start", "pause", "resume", "cancel"):
    _control(_name, _name)
_control("repeat", "repeat_failed")


def _follow(line: CommandLine, services: Services, batch_id: str) -> None:
    """A bar until the batch, or its dry run, is over, paused or never begun."""
    from api.actions.batch_view import BatchState, get_batch

    with _bar(line) as bar:
        now = get_batch(services, OPERATOR, batch_id)
        task = bar.add_task(_state(line, now), total=now.total)
        while now.state in (BatchState.RUNNING, BatchState.CHECKING):
            done = now.settled if now.state is BatchState.RUNNING else sum(now.checks.values())
            bar.update(task, completed=done, description=_state(line, now))
            time.sleep(POLL_S)
            now = get_batch(services, OPERATOR, batch_id)
        bar.update(task, completed=now.settled or sum(now.checks.values()), description=_state(line, now))


def _tell(line: CommandLine, services: Services, batch_id: str) -> None:
    """State, counts, and every file that failed with its reason."""
    from api.actions.batch_view import ItemState, get_batch, items_failed_check, list_items
    from api.problems import reason_in_words

    now = get_batch(services, OPERATOR, batch_id)
    counts = {state.value: count for state, count in now.counts.items()}
    words = line.say("cli.batch.facts", id=now.id, state=_state(line, now), total=now.total, **counts)
    line.out.print(words, markup=False, soft_wrap=True)
    if now.missing_count:
        line.out.print(line.say("cli.batch.missing", count=now.missing_count), markup=False, soft_wrap=True)
    if now.waiting_reason is not None:
        reason = reason_in_words("temporarily-unavailable", now.waiting_data, line.texts)
        line.out.print(line.say("batch.waiting", reason=_spoken(line, reason)), markup=False, soft_wrap=True)
    failed = list_items(services, OPERATOR, batch_id, limit=FAILED_SHOWN, states=[ItemState.REFUSED]).items
    tried = () if failed else items_failed_check(services, OPERATOR, batch_id, FAILED_SHOWN)
    for item in (*failed, *tried):
        code, data = (item.reason, item.reason_data) if failed else (item.check_reason, item.check_data)
        why = _spoken(line, reason_in_words(code or "", data, line.texts))
        facts = {"position": item.position, "file": item.filename or item.number, "dossier": item.dossier}
        line.out.print(line.say("cli.batch.failed", **facts, reason=why), markup=False, soft_wrap=True)


def _spoken(line: CommandLine, both: tuple[str, str]) -> str:
    return both[0] if line.language == "vi" else both[1]


def _state(line: CommandLine, now: Batch) -> str:
    return line.say(f"batch.state.{'waiting' if now.waiting_reason is not None else now.state.value}")


def _bar(line: CommandLine) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=line.err)


def _read_order(line: CommandLine, path: Path, folder: Path, then: str) -> tuple[BatchOrder, dict[str, Path]]:
    """The order of a JSON file as ``POST /v1/batches`` takes it, but with ``file`` in place of ``document``."""
    from api.actions.batch_order import BatchOrder, WhenComplete

    try:
        body = json.loads(argument_bytes(line, path))
        items: list[BatchItem] = []
        files: dict[str, Path] = {}
        for entry in body["items"]:
            file = folder / entry["file"]
            digest = hashlib.sha256(argument_bytes(line, file)).hexdigest()
            files[digest] = file
            items.append(_item(entry, digest, file.name))
        order = BatchOrder(
            name=body["name"],
            agency=body["agency"],
            signatory=body["signatory"],
            level=body.get("level", "B-LTA"),
            items=tuple(items),
            when_complete=WhenComplete(then),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise line.wrong("cli.error.batch-order", file=path, reason=f"{type(error).__name__}: {error}") from error
    return order, files


def _item(entry: dict[str, Any], digest: str, filename: str) -> BatchItem:
    from api.actions.batch_order import BatchItem
    from api.actions.issue_order import IssueWish
    from api.storage.codec import decode

    issue = entry.get("issue")
    until = entry.get("valid_until")
    return BatchItem(
        dossier=entry["dossier"],
        document=digest,
        title=entry["title"],
        number=entry["number"] if issue is None else entry.get("number", ""),
        holder_name=entry["holder_name"],
        issued_on=date.fromisoformat(entry["issued_on"]) if issue is None or "issued_on" in entry else None,
        valid_until=None if until is None else date.fromisoformat(until),
        filename=filename,
        result_number=entry.get("result_number"),
        issue=None if issue is None else decode(IssueWish, issue),
    )
