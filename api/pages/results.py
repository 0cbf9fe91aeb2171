"""An officer's pages about results: find one, see its life, decide about it (twice asked), see how evidence stands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions import living_results
from api.actions.check_result import VIETNAM, ResultState, shown_state
from api.actions.decisions import RIGHTS, Authority, Decision, Facts, Reason, check_decision
from api.actions.evidence_health import evidence_health, reason_code
from api.actions.living_results import LivingResult
from api.actions.seals import get_seal
from api.errors import PROBLEMS, Kind
from api.pages.language import page_language
from api.pages.local_time import say_date, say_minute
from api.pages.report_view import Speaker, Tone
from api.problems import describe
from api.refused import RefusalKind, Refused
from api.storage.living import ChangeKind, ChangeRow
from api.storage.upkeep import Task

TONES = {
    ResultState.IN_FORCE: Tone.OK,
    ResultState.EXPIRED: Tone.WARN,
    ResultState.WITHDRAWN: Tone.BAD,
    ResultState.REPLACED: Tone.BAD,
}

FIELDS = (
    *("reason", "decided_by", "decision_number", "decision_date", "note", "successor"),
    *("public_note", "title", "number", "holder_name", "issued_on", "valid_until"),
)
"""What the form of a decision may hold; empty ones are left out."""

blueprint = Blueprint("result-pages", __name__)


@dataclass(frozen=True)
class Row:
    """A label (code under ``page.results.``) and a text."""

    label: str
    text: str


def _speaker() -> Speaker:
    return Speaker(current.texts(), page_language())


@blueprint.get("/can-bo/ket-qua")
@access(Rule.OFFICER)
def find() -> ResponseReturnValue:
    """Ask for a result code."""
    typed = request.args.get("ma", "").strip()[:200]
    if not typed:
        return render_template("result_find.html", typed="", message="")
    try:
        living_results.get_result(current.services(), current.caller(), typed)
    except Refused as refused:
        return render_template("result_find.html", typed=typed, message=_problem(refused)), 404
    return redirect(url_for("result-pages.show", code=typed), 303)


@blueprint.get("/can-bo/ket-qua/<code>")
@access(Rule.OFFICER)
def show(code: str) -> ResponseReturnValue:
    """One result: what it is now, what was decided, every version, and what can be decided."""
    return _page(code)


@blueprint.post("/can-bo/ket-qua/<code>/quyet-dinh")
@access(Rule.OFFICER)
def decide(code: str) -> ResponseReturnValue:
    """First say again what is going to happen; recorded only after that was confirmed."""
    services, caller = current.services(), current.caller()
    values = {name: request.form.get(name, "").strip() for name in FIELDS}
    key = request.form.get("key", "")
    try:
        decision = _decision(code, request.form.get("kind", ""), values)
        found = living_results.get_result(services, caller, code)
        if request.form.get("confirmed") != "yes":
            check_decision(caller, key, decision, services.clock().astimezone(VIETNAM).date())
            return _confirmation(found, decision, values, key)
        living_results.change_result(services, caller, key, decision)
    except Refused as refused:
        if refused.kind is RefusalKind.UNKNOWN_RESULT:
            raise
        status = PROBLEMS[Kind(refused.kind.value)].status
        return _page(code, message=_problem(refused), values=values, kind=request.form.get("kind", "")), status
    return redirect(url_for("result-pages.show", code=code), 303)


@blueprint.get("/can-bo/bang-chung")
@access(Rule.OFFICER)
def evidence() -> ResponseReturnValue:
    """Until when the evidence of results holds, what is due, what is stuck and why."""
    speaker = _speaker()
    health = evidence_health(current.services(), current.caller())
    most = max((one.count for one in health.months), default=1)
    values: dict[str, Any] = {
        "at": say_minute(health.at, speaker.language),
        "next": None if health.next_due is None else say_minute(health.next_due, speaker.language),
        "due": [(speaker(f"task.{task.value}"), health.due.get(task, 0)) for task in Task],
        "months": [
            (f"{one.month[5:]}/{one.month[:4]}", one.count, max(1, round(100 * one.count / most)))
            for one in health.months
        ],
        "stuck": [
            {
                "code": row.result_code,
                "level": f"{row.level} → {row.wished_level}" if row.level != row.wished_level else row.level,
                "until": None if row.expires_at is None else say_minute(row.expires_at, speaker.language),
                "again": None if row.next_at is None else say_minute(row.next_at, speaker.language),
                "reason": speaker(reason_code(row)),
            }
            for row in health.stuck
        ],
        "quotas": health.quotas,
    }
    return render_template("evidence.html", **values)


def _page(code: str, *, message: str = "", values: dict[str, str] | None = None, kind: str = "") -> str:
    services, caller, speaker = current.services(), current.caller(), _speaker()
    found = living_results.get_result(services, caller, code)
    state, language = shown_state(found.row, found.state.state, services.clock()), speaker.language
    may = [one for one in ChangeKind if RIGHTS[one] in caller.rights] if found.state.state == "in-force" else []
    return render_template(
        "officer_result.html",
        code=code,
        tone=TONES[state],
        title=speaker(f"page.results.state-{state.value}"),
        text=_state_text(found, state, speaker),
        facts=_facts(found, speaker),
        changes=[_change_view(one, speaker) for one in reversed(found.changes)],
        versions=[
            (one.number, one.level, speaker(f"version.{one.cause.value}"), say_minute(one.made_at, language), one)
            for one in reversed(found.versions)
        ],
        wish=get_seal(services, caller, code).wished_level,
        level=found.row.level,
        may=[one.value for one in may],
        reasons=list(Reason),
        values=values or {},
        chosen=kind,
        key=str(uuid.uuid4()),
        message=message,
    )


def _state_text(found: LivingResult, state: ResultState, speaker: Speaker) -> str:
    last = found.changes[-1] if found.changes else None
    at = "" if last is None else say_minute(last.at, speaker.language)
    return speaker(f"page.results.text-{state.value}", at=at, successor=found.state.successor or "")


def _facts(found: LivingResult, speaker: Speaker) -> list[Row]:
    row, language = found.row, speaker.language
    until = speaker("page.result.no-limit") if row.valid_until is None else say_date(row.valid_until, language)
    return [
        Row("title", row.title),
        Row("number", row.paper_number),
        Row("holder", row.holder_name),
        Row("issued-on", say_date(row.issued_on, language)),
        Row("valid-until", until),
        Row("agency", row.agency_name),
        Row("sealed-at", say_minute(row.sealed_at, language)),
    ]


def _change_view(change: ChangeRow, speaker: Speaker) -> dict[str, Any]:
    date_said = say_date(change.decision_date, speaker.language)
    by = {"number": change.decision_number, "date": date_said, "by": change.decided_by}
    rows = [
        ("reason", speaker(f"change.reason.{change.reason}")),
        ("decision", speaker("page.change.decision-value", **by)),
    ]
    if change.public_note:
        rows.insert(0, ("note", change.public_note))
    if change.successor:
        rows.append(("successor", change.successor))
    if change.note:
        rows.append(("inner-note", change.note))
    rows.append(("since", say_minute(change.at, speaker.language)))
    return {"title": speaker(f"page.change.{change.kind.value}"), "rows": rows}


def _confirmation(found: LivingResult, decision: Decision, values: dict[str, str], key: str) -> str:
    """The page that says what is about to happen, with every value as a hidden field."""
    speaker = _speaker()
    said = [("kind", speaker(f"page.results.do-{decision.kind.value}"))]
    said += [(name, _shown(name, values[name], speaker)) for name in FIELDS if values[name]]
    return render_template(
        "result_confirm.html",
        code=found.row.result_code,
        kind=decision.kind.value,
        facts=_facts(found, speaker),
        said=said,
        values={name: value for name, value in values.items() if value},
        key=key,
    )


def _shown(name: str, value: str, speaker: Speaker) -> str:
    if name == "reason":
        return speaker(f"change.reason.{value}")
    if name in ("decision_date", "issued_on", "valid_until"):
        return say_date(date.fromisoformat(value), speaker.language)
    return value


def _decision(code: str, kind: str, values: dict[str, str]) -> Decision:
    """The decision that the form holds.

    Raises:
        Refused: INVALID_REQUEST.
    """
    if kind not in {one.value for one in ChangeKind}:
        raise Refused(RefusalKind.INVALID_REQUEST, field="kind", reason="required")
    if values["reason"] not in {one.value for one in Reason}:
        raise Refused(RefusalKind.INVALID_REQUEST, field="reason", reason="required")
    day = _day(values, "decision_date")
    if day is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="decision_date", reason="required")
    correcting = kind == ChangeKind.CORRECTION.value
    facts = Facts(
        title=values["title"] or None,
        number=values["number"] or None,
        holder_name=values["holder_name"] or None,
        issued_on=_day(values, "issued_on"),
        valid_until=_day(values, "valid_until"),
    )
    return Decision(
        kind=ChangeKind(kind),
        result_code=code,
        reason=Reason(values["reason"]),
        authority=Authority(values["decided_by"], values["decision_number"], day),
        note=values["note"] or None,
        successor=values["successor"] or None,
        public_note=values["public_note"] or None,
        facts=facts if correcting else Facts(),
    )


def _day(values: dict[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(values[name]) if values[name] else None
    except ValueError as error:
        raise Refused(RefusalKind.INVALID_REQUEST, field=name, reason="date") from error


def _problem(refused: Refused) -> str:
    return describe(Kind(refused.kind.value), refused.parameters, current.texts()).detail(page_language())
