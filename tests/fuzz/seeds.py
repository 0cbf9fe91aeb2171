"""What is mutated: files of every format made with the demo's keys, and those of the shared corpus.

Each seed knows how a mutated piece becomes a verification, and when a mutated one may pass: only while what was signed
is the same to the byte.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from asn1crypto import cms, crl, tsp, x509
from cryptography.x509 import ocsp

from certs.revocation import ArchivedSource
from demo.pki import DemoPki
from demo.responders import Responders
from tests.fuzz.mutations import BYTES, Mutation, der, pdf, xml
from tests.pki.statements import response
from tests.properties.signed_files import LETTER, MAKERS, der_of, signed_content
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import Signing, add_dss, blank_paper, now, sign, stamp
from tests.unit.verifier.xml_maker import INVOICE, XmlMake, sign_xml
from tests.unit.verifier.xml_maker import stamp as token_over
from tests.vectors.corpus import load_vectors
from verifier.inputs import Environment, VerificationInput
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.policy import load_policy
from verifier.report import ValidationReport

LARGEST_BYTES = 150_000
"""Of the corpus' files: larger ones would be mutated a few times a second only."""


class Kind(StrEnum):
    """What a seed is."""

    PDF = "pdf"
    XML = "xml"
    CMS = "cms"
    CRL = "crl"
    OCSP = "ocsp"
    CERTIFICATE = "certificate"
    TSP = "time-stamp"


Asked = tuple[VerificationInput, Environment]


@dataclass(frozen=True)
class Seed:
    """A piece to be mutated. ``ask`` makes the verification; ``may_pass`` says of a mutated piece whether its document
    may be TOTAL-PASSED (asked only where it was)."""

    name: str
    kind: Kind
    piece: bytes
    ask: Callable[[bytes], Asked]
    may_pass: Callable[[bytes, ValidationReport], bool]

    @property
    def mutations(self) -> tuple[Mutation, ...]:
        """Changes that fit the format."""
        match self.kind:
            case Kind.PDF:
                return (*BYTES, pdf, pdf, pdf)
            case Kind.XML:
                return (*BYTES, xml, xml, xml, xml)
            case _:
                return (*BYTES, der, der, der, der, der, der)


def make_seeds(pki: DemoPki, responders: Responders, shared: Path | None) -> list[Seed]:
    """Every seed; those of the corpus only where ``shared`` is."""
    crls = tuple(der_of(responders.crl(slug)) for slug in pki.authorities)
    trusting = Environment(load_policy(), pki.trust_store(), pki.catalogue(), (ArchivedSource(crls),))
    made = [*_files(pki, responders, trusting), *_pdfs(pki, crls, trusting), *_pieces(pki, responders, trusting)]
    return made + list(_corpus(shared, trusting) if shared is not None else ())


def _files(pki: DemoPki, responders: Responders, trusting: Environment) -> Iterator[Seed]:
    for make in MAKERS:
        document = make(pki, responders)
        kind = Kind.XML if document.data.lstrip()[:1] == b"<" else Kind.CMS
        yield Seed(
            make.__name__, kind, document.data, partial(_as_document, document, trusting), _same_content(document)
        )


def _pdfs(pki: DemoPki, crls: tuple[bytes, ...], trusting: Environment) -> Iterator[Seed]:
    citizen, tsa = pki.holder("citizen"), pki.holder("tsa-official")
    plain = sign(blank_paper(), Signing(citizen))
    timed = sign(blank_paper(), Signing(citizen, stamped_at=now(), stamper=tsa))
    long_term = stamp(add_dss(timed, (citizen,), crls[:2], ()), tsa, now())
    two = sign(timed, Signing(pki.holder("agency"), "Agency"))
    for name, data in (("plain", plain), ("timed", timed), ("long-term", long_term), ("two", two)):
        yield _pdf_seed(f"made {name}", VerificationInput(data), trusting)
    yield _contents_seed(timed, trusting)


def _corpus(shared: Path, trusting: Environment) -> Iterator[Seed]:
    for vector in load_vectors(shared):
        if vector.path.suffix == ".pdf" and vector.path.stat().st_size <= LARGEST_BYTES:
            document = VerificationInput(vector.path.read_bytes(), vector.password)
            yield Seed(vector.name, Kind.PDF, document.data, partial(_as_document, document, trusting), _never)


def _pieces(pki: DemoPki, responders: Responders, trusting: Environment) -> Iterator[Seed]:
    """Statements, certificates and time stamps, beside a small letter or inside an invoice."""
    letter = VerificationInput(make_cms(Make(pki.holder("citizen"), encapsulated=LETTER), b""))
    clear = der_of(responders.crl("public-sub"))
    yield Seed("a good list", Kind.CRL, clear, partial(_beside, letter, trusting, "crl"), _always)
    responders.revoke("citizen", now() - timedelta(hours=3))
    claimed = VerificationInput(make_cms(Make(pki.holder("citizen"), encapsulated=LETTER, claimed=now()), b""))
    listed = der_of(responders.crl("public-sub"))
    answer = _answer(pki, status=ocsp.OCSPCertStatus.REVOKED, revoked=(now() - timedelta(hours=3), None))
    yield Seed("a list that revokes", Kind.CRL, listed, partial(_beside, claimed, trusting, "crl"), _never)
    yield Seed("an answer that revokes", Kind.OCSP, answer, partial(_beside, claimed, trusting, "ocsp"), _never)
    responders.reset()
    good = _answer(pki)
    yield Seed("a good answer", Kind.OCSP, good, partial(_beside, letter, trusting, "ocsp"), _always)
    leaf = pki.holder("company").asn1.dump()
    invoice = sign_xml(INVOICE, XmlMake(pki.holder("company")))
    yield Seed(
        "a leaf", Kind.CERTIFICATE, leaf, partial(_inside, invoice, leaf, trusting), partial(_same_certificate, leaf)
    )
    authority = pki.holder("company").asn1_chain[0].dump()
    bare = replace(trusting, trust=replace(trusting.trust, intermediates=()))
    yield Seed(
        "an authority",
        Kind.CERTIFICATE,
        authority,
        partial(_beside, letter, bare, "certificate"),
        partial(_same_certificate, authority),
    )
    make = XmlMake(pki.holder("company"), xades="v2", stamper=pki.holder("tsa-official"), stamped_at=now())
    stamped = sign_xml(INVOICE, make)
    start = stamped.index(b"EncapsulatedTimeStamp>") + len(b"EncapsulatedTimeStamp>")
    token = base64.b64decode(stamped[start : stamped.index(b"<", start)])
    yield Seed("a time stamp", Kind.TSP, token, partial(_inside, stamped, token, trusting), partial(_same_time, token))
    other = token_over(pki.holder("tsa-public"), now(), b"something else")
    yield Seed("a foreign time stamp", Kind.TSP, other, partial(_inside, stamped, token, trusting), _no_time)


def _as_document(document: VerificationInput, trusting: Environment, piece: bytes) -> Asked:
    return replace(document, data=piece), trusting


def _beside(document: VerificationInput, trusting: Environment, kind: str, piece: bytes) -> Asked:
    """As evidence of an earlier verification (``antin verify --evidence``), in place of the sound list of that CA."""
    source = ArchivedSource([piece] if kind == "crl" else [], [piece] if kind == "ocsp" else [])
    if kind == "certificate":
        return document, replace(trusting, archived_certificates=(piece,))
    (sound,) = trusting.sources
    assert isinstance(sound, ArchivedSource)
    return document, replace(trusting, sources=(source, replace(sound, crl_data=_without_first_issuer(sound))))


def _without_first_issuer(sound: ArchivedSource) -> tuple[bytes, ...]:
    """The sound lists but for those that speak about citizens: only the mutated one does."""
    lists = [(data, crl.CertificateList.load(data)) for data in sound.crl_data]
    return tuple(data for data, one in lists if "DEMO CA RS" not in one.issuer.human_friendly)


def _inside(document: bytes, original: bytes, trusting: Environment, piece: bytes) -> Asked:
    """In the place of the original, in base64."""
    changed = document.replace(base64.b64encode(original), base64.b64encode(piece))
    return VerificationInput(changed), trusting


def _pdf_seed(name: str, document: VerificationInput, trusting: Environment) -> Seed:
    last = list_signatures(open_pdf(document.data, None), 20).signatures[0]
    first, length, second, more = last.byte_range
    covered = document.data[first : first + length], document.data[second : second + more]

    def same(piece: bytes, _: ValidationReport) -> bool:
        return (piece[first : first + length], piece[second : second + more]) == covered

    return Seed(name, Kind.PDF, document.data, partial(_as_document, document, trusting), same)


def _contents_seed(document: bytes, trusting: Environment) -> Seed:
    """The CMS inside a PDF, which its byte range leaves out: whoever passes the file on can change it."""
    (listed,) = list_signatures(open_pdf(document, None), 20).signatures
    assert listed.contents_start is not None and listed.contents_end is not None
    start, end = listed.contents_start + 1, listed.contents_end - 1

    def inside(piece: bytes) -> Asked:
        text = piece.hex().encode()[: end - start].ljust(end - start, b"0")
        return VerificationInput(document[:start] + text + document[end:]), trusting

    original = listed.contents.rstrip(b"\0")
    before = signed_content(original, b"")

    def same(piece: bytes, _: ValidationReport) -> bool:
        placed = piece[: (end - start) // 2].ljust((end - start) // 2, b"\0")
        return signed_content(placed, b"") == before

    return Seed("contents of a PDF", Kind.CMS, original, inside, same)


def _same_content(document: VerificationInput) -> Callable[[bytes, ValidationReport], bool]:
    before = signed_content(document.data, document.content)

    def same(piece: bytes, _: ValidationReport) -> bool:
        return signed_content(piece, document.content) == before

    return same


def _same_time(token: bytes, piece: bytes, report: ValidationReport) -> bool:
    """A mutated stamp proves no other time than the one that its authority signed."""
    proven = report.verdicts[0].facts.best_signature_time
    return proven is None or proven == _generated(token)


def _same_certificate(original: bytes, piece: bytes, _: ValidationReport) -> bool:
    """The very certificate: all that is signed, and the signature. What stands around them, nobody states.

    Bytes behind it, BER, and odd parameters of the algorithm beside the signature (which is signed inside too).
    """
    if piece.startswith(original):
        return True
    one, other = x509.Certificate.load(original), x509.Certificate.load(piece)
    return bool(
        other["tbs_certificate"].dump(force=True) == one["tbs_certificate"].dump(force=True)
        and other["signature_value"].native == one["signature_value"].native
    )


def _no_time(_: bytes, report: ValidationReport) -> bool:
    return report.verdicts[0].facts.best_signature_time is None


def _generated(token: bytes) -> object:
    content = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"]
    return tsp.TSTInfo.load(bytes(content))["gen_time"].native


def _answer(pki: DemoPki, **changes: Any) -> bytes:
    """An OCSP answer about the citizen's certificate, by its authority."""
    return response(pki, "citizen", stated=now() - timedelta(minutes=5), until=now() + timedelta(days=1), **changes)


def _never(_: bytes, __: ValidationReport) -> bool:
    """A revocation that was changed at all stays one, or is nobody's statement; nobody trusts the corpus' signers."""
    return False


def _always(_: bytes, __: ValidationReport) -> bool:
    return True
