"""The shapes of the registers of outgoing letters: series, numbers, what a clerk records."""

from __future__ import annotations

from api.actions.numbers import MAX_TEXT_CHARACTERS
from api.dossiers.numbering import MAX_NUMBER, NumberOrigin, NumberState
from api.v1.schema_parts import Schema, day, enum, list_of, maybe, named, object_of, ref, text, time

_TEXT: Schema = {"type": "string"}
_YEAR: Schema = {"type": "integer", "minimum": 2000, "maximum": 2199}
NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER}
SIGN = text("What stands after the number, as in QĐ-UBND; may be left out where the series has one", least=1, most=60)
SERIES = text("Key of the series in which the agency numbers the letter", least=1, most=40)

_SERIES = object_of(
    {
        "agency": _TEXT,
        "agency_name": _TEXT,
        "id": {"type": "string", "description": "Key of the series, for orders and addresses"},
        "name": {"type": "string", "description": "What the register is called"},
        "signs": list_of(_TEXT, "What may stand after the number this year"),
        "numbers_from": {"type": "string", "enum": ["service", "portal"], "description": "Who gives the numbers"},
        "year": {**_YEAR, "description": "This year in Vietnam"},
        "last_number": {"type": "integer", "minimum": 0, "description": "The highest number recorded this year"},
        "next_number": maybe({**NUMBER, "description": "What comes next; null where the portal gives the numbers"}),
        "years": list_of(_YEAR, "Years that have a register, newest first"),
    }
)

_NUMBER = object_of(
    {
        "agency": _TEXT,
        "series": _TEXT,
        "year": _YEAR,
        "number": NUMBER,
        "sign": _TEXT,
        "paper_number": {"type": "string", "description": "As it is quoted: 05/QĐ-UBND"},
        "state": enum(NumberState, "given: kept for a letter that is not out yet; issued; used on paper; void"),
        "origin": enum(NumberOrigin, "Who gave it"),
        "dated_on": maybe(day("Date of the letter")),
        "title": {"type": "string", "description": "What the letter is about"},
        "recipient": {"type": "string", "description": "To whom it goes"},
        "signatory": {"type": "string", "description": "Who signed it"},
        "dossier": maybe(_TEXT),
        "result_code": maybe({"type": "string", "description": "The letter, once it is out"}),
        "given_at": time("When it was recorded"),
        "given_by": {"type": "string", "description": "Which account or key"},
        "voided_at": maybe(time("When it was voided")),
        "voided_by": maybe(_TEXT),
        "void_reason": maybe(_TEXT),
    }
)

_GAP = object_of({"from": NUMBER, "to": NUMBER})

NUMBER_SCHEMAS: dict[str, Schema] = {
    "Series": _SERIES,
    "SeriesList": object_of({"series": list_of(ref("Series"), "Of the caller's agencies")}),
    "RegisterNumber": _NUMBER,
    "NumberRegister": object_of(
        {
            "series": ref("Series"),
            "year": _YEAR,
            "first_number": {**NUMBER, "description": "With which the year begins"},
            "last_number": {"type": "integer", "minimum": 0, "description": "The highest number recorded"},
            "entries": list_of(ref("RegisterNumber"), "In the order of the numbers"),
            "gaps": list_of(_GAP, "Numbers of the whole register that nobody has explained, as ranges"),
            "next_after": maybe({**NUMBER, "description": "Ask after this number next; null at the end"}),
        }
    ),
    "PaperNumberOrder": object_of(
        {
            "number": NUMBER,
            "sign": SIGN,
            "dated_on": day("Date of the letter on paper; its year is the register's"),
            "title": named("What the letter is about", MAX_TEXT_CHARACTERS),
            "recipient": text("To whom it went", most=MAX_TEXT_CHARACTERS),
            "signatory": text("Who signed it", most=MAX_TEXT_CHARACTERS),
            "meant": {"type": "boolean", "description": "Record it though it is far above the last number"},
        },
        optional=("sign", "recipient", "signatory", "meant"),
        closed=True,
    ),
    "VoidOrder": object_of({"reason": named("Why it is void", MAX_TEXT_CHARACTERS)}, closed=True),
}
