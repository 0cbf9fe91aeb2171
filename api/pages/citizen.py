"""The public check: is this result genuine and still in force? By code here; by file in the visitor's browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions import check_result
from api.actions.check_result import PublicAnswer, PublicChange, PublicResult, PublicSuccessor, ResultState
from api.authentication import session_token
from api.codes import CodeError, VerificationCode
from api.pages.language import page_language
from api.pages.local_time import say_date, say_minute
from api.pages.report_view import Speaker, Tone

MAX_TYPED_CHARACTERS = 200
"""Of a code as typed: enough for a pasted address, short enough to show again."""

TONES = {
    ResultState.IN_FORCE: Tone.OK,
    ResultState.EXPIRED: Tone.WARN,
    ResultState.WITHDRAWN: Tone.BAD,
    ResultState.REPLACED: Tone.BAD,
    ResultState.UNKNOWN: Tone.IDLE,
    ResultState.MALFORMED: Tone.IDLE,
}

_RESULT_CODE = re.compile(r"[-–—\s]kq\s*[0-9]{1,4}\s*\Z", re.IGNORECASE)
"""The other code on the paper, ``<dossier>-KQ<n>``: it can be guessed, so it opens nothing (contract)."""

blueprint = Blueprint("citizen", __name__)


@dataclass(frozen=True)
class DecisionView:
    """One decision about a result in words: a heading and rows of label code and text."""

    title: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True)
class AnswerView:
    """One answer in words; ``facts`` are keyed by the label's code, None where nothing was found."""

    tone: Tone
    title: str
    text: str
    time: str
    typed: str
    facts: dict[str, str] | None
    not_checked: list[str]
    decisions: list[DecisionView]


@blueprint.get("/")
@access(Rule.PUBLIC)
def front() -> ResponseReturnValue:
    """Officers come to their desk, everybody else to the public check."""
    return redirect(url_for("officer.desk" if session_token() else "citizen.check"), 303)


@blueprint.get("/kiem-tra")
@access(Rule.PUBLIC)
def check() -> ResponseReturnValue:
    """Ask for a code or a file; a typed code is answered under its own address."""
    typed = request.args.get("ma")
    if typed is None:
        return render_template("check.html", typed="", message="")
    code = tidy(typed)
    if not code:
        message = Speaker(current.texts(), page_language())("page.check.code-missing")
        return render_template("check.html", typed="", message=message), 400
    return redirect(url_for("citizen.result", code=code), 303)


@blueprint.get("/kiem-tra/<code>")
@access(Rule.LIMITED)
def result(code: str) -> ResponseReturnValue:
    """The answer to a code: 404 where there is no such result, so that nothing else takes it for one."""
    typed = tidy(code)
    answer = check_result.public_by_code(current.services(), typed)
    view = answer_view(answer, typed, Speaker(current.texts(), page_language()))
    response = make_response(render_template("result.html", answer=view), 200 if answer.result is not None else 404)
    response.headers["Cache-Control"] = "no-store"  # a result can be withdrawn at any moment
    return response


def tidy(typed: str) -> str:
    """What a person typed or pasted, even the whole address from the paper, as it can stand in an address."""
    text = typed.strip()[:MAX_TYPED_CHARACTERS]
    if "/" in text:
        text = urlsplit(text).path.rstrip("/").rsplit("/", 1)[-1]
    text = "".join(character for character in text if character.isprintable() and character not in "/\\?#%").strip()
    try:
        return str(VerificationCode.parse(text))
    except CodeError:
        return "" if text.strip(". ") == "" else text


def answer_view(answer: PublicAnswer, typed: str, speaker: Speaker) -> AnswerView:
    """An answer in words."""
    state, found = answer.state, answer.result
    values = {"agency": "", "valid_until": ""} if found is None else _values(found, speaker)
    said = "result-code" if state is ResultState.MALFORMED and _RESULT_CODE.search(typed) else state.value
    return AnswerView(
        tone=TONES[state],
        title=speaker(f"page.result.{said}.title", **values),
        text=speaker(f"page.result.{said}.text", **values),
        time=speaker("page.result.time", time=say_minute(answer.answered_at, speaker.language)),
        typed=typed if found is None else "",
        facts=None if found is None else _facts(found, speaker),
        not_checked=[part.value for part in answer.not_checked],
        decisions=[] if found is None else decision_views(found, speaker),
    )


def decision_views(found: PublicResult, speaker: Speaker) -> list[DecisionView]:
    """What was decided, the newest that counts first: the end of a result before its corrections."""
    ending = [] if found.change is None else [found.change]
    return [_decision_view(change, found, speaker) for change in (*ending, *reversed(found.corrections))]


def _decision_view(change: PublicChange, found: PublicResult, speaker: Speaker) -> DecisionView:
    language = speaker.language
    date = say_date(change.decision_date, language)
    decision = speaker("page.change.decision-value", number=change.decision_number, date=date, by=change.decided_by)
    rows = [("reason", speaker(f"change.reason.{change.reason}")), ("decision", decision)]
    if change.note is not None:
        rows.insert(0, ("note", change.note))
    if change is found.change and found.successor is not None:
        rows.append(("successor", say_successor(found.successor, speaker)))
    rows.append(("since", say_minute(change.at, language)))
    return DecisionView(speaker(f"page.change.{change.kind.value}"), rows)


def say_successor(successor: PublicSuccessor, speaker: Speaker) -> str:
    """The result that holds in place of another, with what is to be said of it now."""
    return speaker(
        "page.change.successor-value",
        title=successor.title,
        number=successor.number,
        date=say_date(successor.issued_on, speaker.language),
        state=speaker(f"state.{successor.state.value}"),
    )


def _values(found: PublicResult, speaker: Speaker) -> dict[str, str]:
    until = found.valid_until
    said = speaker("page.result.no-limit") if until is None else say_date(until, speaker.language)
    return {"agency": found.agency, "valid_until": said}


def _facts(found: PublicResult, speaker: Speaker) -> dict[str, str]:
    return {
        "title": found.title,
        "number": found.number,
        "agency": found.agency,
        "issued-on": say_date(found.issued_on, speaker.language),
        "holder": found.holder,
        "valid-until": _values(found, speaker)["valid_until"],
        "verification-code": found.verification_code,
        "main": "" if found.main is None else say_successor(found.main, speaker),
    }
