"""The words that stand on a copy (NĐ 30/2020 Đ.25)."""

from __future__ import annotations

from api.i18n.texts import Language, load_texts
from api.sealing_values import CopyFacts
from signer.agencies import Agency
from signer.copies import CopyForm, CopySource, CopyText


def copy_text(agency: Agency, signatory: str, copy: CopyFacts) -> CopyText:
    """The words of a copy, in Vietnamese as the law has them."""
    texts, person = load_texts(), agency.signatory(signatory)

    def say(word: str, **values: str) -> str:
        return texts.say(f"seal.copy.{word}", Language.VI, **values)

    conversion = None
    if copy.converter is not None:
        on = None if copy.converted_on is None else copy.converted_on.strftime("%d.%m.%Y")
        word = "converted" if on is None else "converted-on"
        conversion = say(word, converter=copy.converter, on=on or "")
    named = person.name if person.title is None else f"{person.name}, {person.title}"
    return CopyText(
        form=CopyForm(copy.form),
        source=CopySource(copy.source),
        title=say(copy.form),
        agency=agency.name,
        conversion=conversion,
        certifier=say("certifier", person=named) if copy.certified else None,
        transfer_note=None if copy.note_sha256 is None else say("transfer-note", digest=copy.note_sha256),
        register=say("register", number=f"{copy.register_number}/{copy.register_year}") if copy.certified else None,
    )
