"""A letter signed as the state's own tool does: six visible signatures in new fields, the first certifies with P = 2.

1 the drafter's initials after "./." · 2 the leader between title and name · 3 number · 4 day · 5 month · 6 the
agency's seal over the leader's signature; 3 to 6 are the clerk's one act under the agency's certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from certs.anchors import Regime
from demo.official_letter import ENDING
from demo.pictures import initials_picture, seal_picture, signature_picture
from demo.pki import PASSPHRASE, DemoPki
from signer.anchors import find_anchor
from signer.appearance import SealDrawing
from signer.arrangement import field_parts
from signer.canvas import Typed
from signer.cms import CmsMaker
from signer.fields import FieldPlan, prepare_signature
from signer.fonts import FontFiles
from signer.geometry import MM, Rect
from signer.issuing.entry import HeadEntry
from signer.issuing.head import find_head
from signer.issuing.typed import field_box, typed_in
from signer.keys import KeySigner
from signer.keys_file import FileKey
from signer.places import Pages
from signer.request import Appearance, Role, SealWording
from signer.timestamp import PoolTimeStamper, TimeStampPool
from signer.update import open_update

REASON = "Đã ký lên văn bản này!"
ROOM_BYTES = 16_000
INITIALS_MM = (12.0, 6.0)
SIGNATURE_MM = (42.0, 18.0)
SEAL_MM = 36.0
DRAFTER, LEADER, AGENCY = "deputy", "officer", "agency"
NO_WORDS = SealWording("", "", "", "", "", "", "")


@dataclass(frozen=True)
class _Act:
    """Whose signature, and what its field shows: a picture, or digits."""

    who: str
    box: Rect
    picture: bytes | None = None
    typed: Typed | None = None


def signed_as_state_tool(pki: DemoPki, letter: bytes, name: str, title: str, entry: HeadEntry, at: datetime) -> bytes:
    """The letter of ``demo.official_letter`` with its six signatures, each stamped."""
    fonts, pool = FontFiles.installed(), TimeStampPool([pki.tsa_url(Regime.OFFICIAL)], pki.fetcher(), pki.trust_store())
    data = letter
    for number, act in enumerate(_acts(letter, name, title, entry, fonts), 1):
        key = FileKey.from_pkcs12(pki.pkcs12_path(act.who).read_bytes(), PASSPHRASE)
        look = Appearance(key.certificate.subject.native["common_name"], picture=act.picture)
        role = Role.AGENCY if act.who == AGENCY else Role.AUTHORISED_PERSON
        drawing = SealDrawing(role, look, NO_WORDS, at, reason=REASON, typed=act.typed)
        whole = Rect(0, 0, act.box.width, act.box.height).moved(act.box.x0, act.box.y0)
        drawing = drawing.placed(field_parts(act.box, None if act.picture is None else whole))
        plan = FieldPlan(f"Signature{number}", 0, act.box, drawing, certifies=number == 1)
        prepared = prepare_signature(data, plan, ROOM_BYTES, fonts, ())
        signer = KeySigner(key, key.chain[:1])
        data = prepared.fill(CmsMaker().make(signer, prepared.digest, PoolTimeStamper(pool, at)))
    return data


def _acts(letter: bytes, name: str, title: str, entry: HeadEntry, fonts: FontFiles) -> list[_Act]:
    with Pages(open_update(letter), letter, 1) as pages:
        found, text = find_head(pages), pages.text(0)
        anchor, ending = find_anchor(text, name, title), text.find(ENDING)[-1].box
    if anchor is None:
        raise ValueError("the letter names no leader")
    low, high = anchor.name.y1, anchor.title.y0
    signature = _around(anchor.middle, (low + high) / 2, SIGNATURE_MM)
    seal = _around(signature.x0 + signature.width / 3 - SEAL_MM * MM / 2, (low + high) / 2, (SEAL_MM, SEAL_MM))
    initials = _around(ending.x1 + 10 + INITIALS_MM[0] * MM / 2, (ending.y0 + ending.y1) / 2, INITIALS_MM)
    acts = [_Act(DRAFTER, initials, initials_picture()), _Act(LEADER, signature, signature_picture())]
    for place in found.places:
        box = field_box(place)
        acts.append(_Act(AGENCY, box, typed=typed_in(place, entry.texts[place.kind], box, fonts)))
    ring = seal_picture("SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG · DEMO · ")
    return [*acts, _Act(AGENCY, seal, ring)]


def _around(x: float, y: float, size_mm: tuple[float, float]) -> Rect:
    width, height = size_mm[0] * MM, size_mm[1] * MM
    return Rect(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
