"""Shapes and description of letters that wait to be issued."""

from __future__ import annotations

from api.actions.letters import MAX_REASON_CHARACTERS
from api.dossiers.letter import LetterState
from api.errors import Kind
from api.v1.operations import ACCOUNT, BODY, OFFICER, SEAL_CREATION, Json, answer, binary, json_of, operation_of, path
from api.v1.schema_parts import SHA256, Schema, day, enum, list_of, maybe, named, object_of, ref, time

_TEXT: Schema = {"type": "string"}

LETTER_SCHEMAS: dict[str, Schema] = {
    "Letter": object_of(
        {
            "id": _TEXT,
            "state": enum(LetterState, "Where it stands"),
            **dict.fromkeys(("agency", "dossier", "title", "holder_name", "signatory"), _TEXT),
            "series": maybe({"type": "string", "description": "Null where the portal numbers in a series of its own"}),
            "sign": maybe(
                {"type": "string", "description": "What is to stand after the number, where it was asked for"}
            ),
            "valid_until": maybe(day("Last day of validity; null: without limit")),
            "document_sha256": {**SHA256, "description": "The letter as it came"},
            "signed_sha256": {**SHA256, "description": "What the leader signed"},
            "document_url": {"type": "string", "description": "What the leader signed"},
            "requested_by": {"type": "string", "description": "Which account or key ordered it"},
            "signed_at": time("Since when it waits, signed by the leader"),
            "number": maybe({"type": "string", "description": "Once given; kept where issuing it did not work"}),
            "dated_on": maybe(day("Its date, once given")),
            "refusal": maybe({"type": "string", "description": "Code: why it could not be issued the last time"}),
            "result_code": maybe({"type": "string", "description": "Set once it is out"}),
            "decided_by": maybe({"type": "string", "description": "Which officer issued or returned it"}),
            "decided_at": maybe(time("When that was")),
            "reason": maybe({"type": "string", "description": "Why it was returned"}),
        }
    ),
    "Letters": object_of({"letters": list_of(ref("Letter"), "Oldest first")}),
    "LetterReturn": object_of({"reason": named("Why it is not issued", MAX_REASON_CHARACTERS)}, closed=True),
}

_ID = path("letter_id", "Id of a letter", {"type": "string"})
_KNOWN = (*ACCOUNT, Kind.UNKNOWN_LETTER)
_SHOWN = {"200": answer("The letter as it is now", "Letter")}


def letter_paths() -> Json:
    """Paths of letters."""
    return {
        "/v1/letters": {
            "get": operation_of(
                "listLetters",
                "letters",
                "Letters that the leader has signed and that wait for number, date and seal",
                {"200": answer("What waits", "Letters")},
                ACCOUNT,
            )
        },
        "/v1/letters/{letter_id}": {
            "get": operation_of("getLetter", "letters", "One letter", _SHOWN, _KNOWN, parameters=(_ID,))
        },
        "/v1/letters/{letter_id}/document": {
            "get": operation_of(
                "getLetterDocument",
                "letters",
                "What the leader signed",
                {"200": binary("The PDF", "application/pdf")},
                _KNOWN,
                parameters=(_ID,),
            )
        },
        **_acts(),
    }


def _acts() -> Json:
    """What the clerk does; only a person does."""
    decided = (*_KNOWN, Kind.RIGHT_MISSING, Kind.LETTER_CLOSED)
    return {
        "/v1/letters/{letter_id}/issue": {
            "post": operation_of(
                "issueLetter",
                "letters",
                "Issue a letter: its number and today's date are written into the blanks, and the agency seals it",
                _SHOWN,
                (*decided, *SEAL_CREATION),
                parameters=(_ID,),
                security=OFFICER,
            )
        },
        "/v1/letters/{letter_id}/return": {
            "post": operation_of(
                "returnLetter",
                "letters",
                "Return a letter to whoever ordered it, with a reason",
                _SHOWN,
                (*decided, *BODY, Kind.SEAL_IN_PROGRESS),
                body=json_of("LetterReturn"),
                parameters=(_ID,),
                security=OFFICER,
            )
        },
    }
