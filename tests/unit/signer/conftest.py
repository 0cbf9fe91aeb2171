"""What the signer's tests share: words, papers of odd shapes, keys of the demo PKI."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date

import pikepdf
import pytest

from api.i18n.texts import load_texts
from demo.documents import Applicant, permit
from demo.pictures import seal_picture, signature_picture
from demo.pki import PASSPHRASE, DemoPki
from signer.appearance import SealDrawing
from signer.environment import SigningEnvironment
from signer.fonts import FontFiles
from signer.keys_file import FileKey
from signer.layout import SealWish
from signer.request import Appearance, ResultMark, Role, SealWording
from signer.timestamp import TimeStampPool
from tests.unit.signer.papers import AT
from tests.unit.signer.sealing import Desk
from verifier.inputs import Environment
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers

AGENCY = "Sở Tài nguyên và Môi trường DEMO"
DIRECTOR = "Phạm Thị Mẫu"


@pytest.fixture(scope="session")
def wording() -> SealWording:
    texts = load_texts()
    return SealWording(**{word.name: texts.say(f"seal.{word.name}") for word in fields(SealWording)})


@pytest.fixture(scope="session")
def fonts() -> FontFiles:
    return FontFiles.installed()


@pytest.fixture(scope="session")
def mark() -> ResultMark:
    code = "7KQ2-M9XP-4TRB-ZW3F"
    host = "kiemtra.laichau.gov.vn"
    return ResultMark(f"https://{host}/kiem-tra/{code}", code, f"{host}/kiem-tra", "000.00.00.H38-261118-0001-KQ1")


@pytest.fixture(scope="session")
def paper() -> bytes:
    """A permit as a department issues it: one A4 page with a left margin of 30 mm."""
    return permit(
        Applicant("Lò Thị Mẫu", "012345678902", "Tổ 5, phường Tân Phong"),
        "45/GPXD",
        date(2026, 11, 18),
        DIRECTOR,
        "120",
    )


@pytest.fixture(scope="session")
def blank() -> bytes:
    """An empty A4 page, without any content stream."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


@pytest.fixture(scope="session")
def person(wording: SealWording) -> SealDrawing:
    return SealDrawing(Role.AUTHORISED_PERSON, Appearance(DIRECTOR, "Giám đốc", AGENCY), wording, AT)


@pytest.fixture(scope="session")
def agency(wording: SealWording) -> SealDrawing:
    return SealDrawing(Role.AGENCY, Appearance(AGENCY, None, AGENCY), wording, AT)


@pytest.fixture(scope="session")
def file_key(pki: DemoPki) -> Callable[[str], FileKey]:
    """Open a holder's PKCS#12 file."""
    return lambda slug: FileKey.from_pkcs12(pki.pkcs12_path(slug).read_bytes(), PASSPHRASE)


@pytest.fixture(scope="session")
def desk(pki: DemoPki, wording: SealWording, mark: ResultMark, fonts: FontFiles) -> Iterator[Desk]:
    """Seals are ordered here; documents are opened, written and verified in a real limited worker."""
    verification = Environment(load_policy("vn-2025.1"), pki.trust_store(), pki.catalogue(), (pki.online(),))
    pool = TimeStampPool([pki.tsa_url()], pki.fetcher(), verification.trust)
    with LimitedWorkers() as workers:
        environment = SigningEnvironment(verification, workers.verify, workers.run, fonts, pool)
        yield Desk(pki, environment, wording, mark)


@pytest.fixture(scope="session")
def sealed_wishes(person: SealDrawing, agency: SealDrawing) -> tuple[SealWish, ...]:
    """With the demo's pictures."""
    shown = replace(person, appearance=replace(person.appearance, picture=signature_picture()))
    ring = replace(agency, appearance=replace(agency.appearance, picture=seal_picture("SỞ TÀI NGUYÊN · DEMO · ")))
    return SealWish("NguoiKy", shown), SealWish("CoQuan", ring)
