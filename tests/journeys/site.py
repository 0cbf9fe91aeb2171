"""A running site for the journeys: the real service on a loopback port, a sealed result, and papers of every kind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pikepdf
from PIL import Image

from api.actions import dossiers, identities, living_results, rights, seals
from api.actions.comparisons import compare_pair
from api.actions.decisions import Authority, Decision, Reason
from api.actions.seals import Seal
from api.actions.verify_document import Upload
from api.app import create_app
from api.callers import OPERATOR, Right
from api.services import Services, build_services
from api.storage.living import ChangeKind
from demo.documents import declaration, forge
from demo.pki import DemoPki
from tests.installation import APPLICANT, OFFICER_PASSWORD, sign_as, unsigned_declaration
from tests.production_server import production_server
from tests.scans.generator import GENUINE, pair
from tests.sealing_home import DOSSIER, dossier_data, seal_order, sealing_settings

OFFICER = "bich.tt"
OFFICER_NAME = "Trần Thị Bích"
SCAN_SEED = 910_000


@dataclass(frozen=True)
class Papers:
    """What people drop, by what is the matter with it. All made before the browser starts (see ``conftest``)."""

    good: bytes
    """Signed by the applicant, unchanged."""
    forged: bytes
    """Signed, then the area on page 1 was changed."""
    of_two: bytes
    """Signed by two people, one after the other."""
    of_a_stranger: bytes
    """Signed with a certificate whose issuer nobody here knows."""
    revoked: bytes
    """Signed with a certificate that had been revoked."""
    unsigned: bytes
    """As filled in."""
    damaged: bytes
    """The beginning of a file."""
    locked: bytes
    """Needs a password to be opened."""
    office: bytes
    """A Word document."""


def make_papers(pki: DemoPki) -> Papers:
    """One paper of each kind."""
    unsigned = unsigned_declaration()
    good = sign_as(pki, "citizen", unsigned)
    return Papers(
        good=good,
        forged=forge(good, declaration(APPLICANT, "9.200")),
        of_two=sign_as(pki, "employee", good, "Signature2"),
        of_a_stranger=sign_as(pki, "stranger", unsigned),
        revoked=sign_as(pki, "revoked", unsigned),
        unsigned=unsigned,
        damaged=unsigned[:300],
        locked=_with_password(unsigned),
        office=_word_document(),
    )


def _with_password(data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="chu", user="khoa"))
    return out.getvalue()


def _word_document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return out.getvalue()


@dataclass
class Site:
    """The site under ``url``; ``seal`` is in force, ``expired`` is over, ``sealed`` the bytes of the first.

    ``withdrawn`` is in force until a journey withdraws it (``withdrawn_file`` are its bytes), ``replaced`` was replaced
    by ``seal``.
    """

    url: str
    services: Services
    papers: Papers
    seal: Seal
    sealed: bytes
    expired: Seal
    withdrawn: Seal
    withdrawn_file: bytes
    replaced: Seal

    @cached_property
    def comparisons(self) -> dict[str, str]:
        """Ids of comparisons, by what they found; made when the first journey asks for one."""
        whole, cut = pair(SCAN_SEED, "amount", "scan 200"), pair(SCAN_SEED + 1, GENUINE, "scan 200")
        sides = {
            "differences": (whole.copy.data, whole.original.data),
            "match": (cut.original.data, cut.original.data),
            "not-comparable": (_cut_off(cut.copy.data), cut.original.data),
        }
        return {name: self._compared(copy, original) for name, (copy, original) in sides.items()}

    def _compared(self, copy: bytes, original: bytes) -> str:
        sides = (Upload(copy, "ban-chup.jpg"), Upload(original, "ban-chinh.jpg"))
        return compare_pair(self.services, OPERATOR, *sides).id

    def session_cookie(self) -> str:
        """The cookie of a signed-in officer, for journeys that are not about signing in."""
        session = identities.sign_in(self.services, OFFICER, OFFICER_PASSWORD, "127.0.0.1")
        assert session is not None
        return session.token


def _cut_off(data: bytes) -> bytes:
    """The picture without its lower quarter, as a sheet that slipped."""
    image = Image.open(io.BytesIO(data))
    out = io.BytesIO()
    image.crop((0, 0, image.width, image.height * 3 // 4)).save(out, "JPEG", quality=85, dpi=(200, 200))
    return out.getvalue()


def _replacement(old: Seal, new: Seal) -> Decision:
    authority = Authority("Giám đốc Sở Tài nguyên và Môi trường", "498/QĐ-STNMT", date(2026, 11, 19))
    return Decision(
        ChangeKind.REPLACEMENT, old.result_code, Reason.CONTENT_CHANGED, authority, successor=new.result_code
    )


@contextmanager
def running_site(home: Path, pki: DemoPki) -> Iterator[Site]:
    """Make the installation, seal two results, serve."""
    settings = replace(sealing_settings(home, pki), public_url="http://127.0.0.1")
    with build_services(settings, environ={}) as services:
        identities.create_officer(services, OPERATOR, OFFICER, OFFICER_NAME, OFFICER_PASSWORD)
        rights.change_rights(services, OPERATOR, OFFICER, give=list(Right))
        dossiers.put_dossier(services, OPERATOR, DOSSIER, dossier_data(regulation="kon-tum-08-2018"))
        seal = seals.seal(services, OPERATOR, "journey-1", seal_order(valid_until=date(2099, 11, 18)))
        expired = seals.seal(
            services, OPERATOR, "journey-2", seal_order(issued_on=date(2024, 1, 2), valid_until=date(2025, 1, 2))
        )
        _, sealed = seals.sealed_document(services, OPERATOR, seal.result_code)
        withdrawn = seals.seal(services, OPERATOR, "journey-3", seal_order(number="121/GP-STNMT"))
        _, withdrawn_file = seals.sealed_document(services, OPERATOR, withdrawn.result_code)
        replaced = seals.seal(services, OPERATOR, "journey-4", seal_order(number="117/GP-STNMT"))
        living_results.change_result(services, OPERATOR, "journey", _replacement(replaced, seal))
        results = (seal, sealed, expired, withdrawn, withdrawn_file, replaced)
        with production_server(create_app(services)) as url:
            yield Site(url, services, make_papers(pki), *results)
