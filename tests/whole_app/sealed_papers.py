"""An office that seals papers with the demo's keys, for tests that look at the finished files from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from api.i18n.texts import load_texts
from demo.pki import PASSPHRASE, DemoPki
from signer.agencies import AGENCY_FIELD, PERSON_FIELD
from signer.environment import SigningEnvironment
from signer.fonts import FontFiles
from signer.keys_file import FileKey
from signer.profile import NO_WISHES, PlacementProfile
from signer.request import Appearance, ResultMark, Role, SealLevel, SealWording, SigningRequest, SignStep
from signer.sign import sign_document
from signer.timestamp import TimeStampPool
from verifier.inputs import Environment
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers

AGENCY = "Sở Tài nguyên và Môi trường DEMO"
DIRECTOR = "Phạm Thị Mẫu"
HOST, CODE = "kiemtra.demo.gov.vn.invalid", "7KQ2-M9XP-4TRB-ZW3F"
MARK = ResultMark(f"https://{HOST}/kiem-tra/{CODE}", CODE, f"{HOST}/kiem-tra", "000.00.00.H35-261118-0001-KQ1")


@dataclass(frozen=True)
class Office:
    """Keys, words and a signing environment with a real limited worker."""

    pki: DemoPki
    environment: SigningEnvironment
    wording: SealWording

    def key(self, slug: str) -> FileKey:
        return FileKey.from_pkcs12(self.pki.pkcs12_path(slug).read_bytes(), PASSPHRASE)

    def seal(
        self,
        paper: bytes,
        level: SealLevel,
        *,
        pictures: tuple[bytes | None, bytes | None] = (None, None),
        placement: PlacementProfile = NO_WISHES,
    ) -> bytes:
        """The director signs, the department seals."""
        person = Appearance(DIRECTOR, "Giám đốc", AGENCY, pictures[0])
        steps = (
            SignStep(self.key("officer"), Role.AUTHORISED_PERSON, PERSON_FIELD, person),
            SignStep(self.key("agency"), Role.AGENCY, AGENCY_FIELD, Appearance(AGENCY, None, AGENCY, pictures[1])),
        )
        return self.signed(paper, steps, level, MARK, placement)

    def sealed_later(self, signed: bytes, level: SealLevel, picture: bytes | None) -> bytes:
        """The department alone seals what its director signed before."""
        step = SignStep(self.key("agency"), Role.AGENCY, AGENCY_FIELD, Appearance(AGENCY, None, AGENCY, picture))
        authorised = frozenset({self.key("officer").certificate.sha256.hex()})
        request = SigningRequest(signed, (step,), level, self.wording, None, authorised)
        return sign_document(request, self.environment, datetime.now(UTC)).data

    def signed(
        self,
        paper: bytes,
        steps: tuple[SignStep, ...],
        level: SealLevel,
        mark: ResultMark | None,
        placement: PlacementProfile = NO_WISHES,
    ) -> bytes:
        """The paper with these signatures."""
        request = SigningRequest(paper, steps, level, self.wording, mark, placement=placement)
        return sign_document(request, self.environment, datetime.now(UTC)).data


@contextmanager
def opened_office(pki: DemoPki) -> Iterator[Office]:
    """An office over the demo PKI; its worker process ends with it."""
    verification = Environment(load_policy("vn-2025.1"), pki.trust_store(), pki.catalogue(), (pki.online(),))
    pool = TimeStampPool([pki.tsa_url()], pki.fetcher(), verification.trust)
    texts = load_texts()
    wording = SealWording(**{word.name: texts.say(f"seal.{word.name}") for word in fields(SealWording)})
    with LimitedWorkers() as workers:
        environment = SigningEnvironment(verification, workers.verify, workers.run, FontFiles.installed(), pool)
        yield Office(pki, environment, wording)
