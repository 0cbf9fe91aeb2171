"""Rows of ``make bench`` about checks: ours against pyHanko's own validation, then what a service is sent each day.

pyHanko is given the same anchors, certificates and statements of status, and judges every signature and time stamp of
the file anew, in this process; ours goes through a worker process and its pipe, as it does in service.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from api.services import Services
from certs.revocation import ArchivedSource
from demo import documents
from demo.citizen import sign_as
from demo.documents import Applicant
from demo.pki import DemoPki
from tests.bench_papers import large_scan, of_many_pages, signed_visibly
from tests.bench_sealing import Row
from tests.bench_timing import measured, median_ms, row
from verifier.bundle.bundle import PieceKind, kind_of
from verifier.inputs import VerificationInput
from verifier.report import Conclusion

APPLICANT = Applicant("Nguyễn Văn Mẫu", "012345678901", "bản Mẫu, tỉnh Lai Châu")
PYHANKO = "pyHanko's validation"
"""The aim is 0.8 of its time (issue 11); no limit."""


@dataclass(frozen=True)
class Papers:
    """What is checked, by name."""

    citizen: bytes
    forged: bytes
    unsigned: bytes
    sealed: bytes


def papers_of(pki: DemoPki, sealed: bytes) -> Papers:
    """The everyday ones; ``sealed`` is a result at B-LTA."""
    plain = documents.declaration(APPLICANT, "1.200")
    signed = sign_as(pki.holder("citizen"), plain)
    return Papers(signed, documents.forge(signed, documents.declaration(APPLICANT, "9.200")), plain, sealed)


def pyhanko_rows(services: Services, pki: DemoPki, papers: Papers) -> Iterator[Row]:
    """Beside pyHanko, turn by turn."""
    for name, data in (("PAdES B-B", papers.citizen), ("sealed B-LTA", papers.sealed)):
        ours, theirs = _beside_pyhanko(services, pki, data)
        yield row(f"verify {name}, the same statements", ours, "ms", against=(PYHANKO, theirs))


def check_rows(services: Services, papers: Papers) -> Iterator[Row]:
    """What comes every day, status asked for over HTTP."""
    judged = median_ms(partial(_judge, services, papers.citizen))
    yield row("verify PAdES B-B, status online", judged, "ms")
    forged = median_ms(partial(_judge, services, papers.forged))
    yield row("verify, page replaced", forged, "ms", against=("untouched", judged))
    unsigned = median_ms(partial(_judge, services, papers.unsigned))
    yield row("verify, nobody signed", unsigned, "ms", against=("signed", judged))
    sealed = median_ms(partial(_judge, services, papers.sealed))
    yield row("verify sealed B-LTA", sealed, "ms", against=("citizen's B-B", judged))


def large_rows(services: Services, pki: DemoPki, papers: Papers) -> Iterator[Row]:
    """What comes less often and costs more."""
    judged = median_ms(partial(_judge, services, papers.citizen))
    for name, made in _large_papers(pki):
        yield row(name, median_ms(partial(_judge, services, made), 5, 1), "ms", against=("citizen's B-B", judged))


def _large_papers(pki: DemoPki) -> Iterator[tuple[str, bytes]]:
    two = (pki.holder("citizen"), pki.holder("company"))
    yield "verify two visible signatures", signed_visibly(documents.declaration(APPLICANT, "1.200"), *two)
    yield "verify 60 pages, two visible signatures", signed_visibly(of_many_pages(APPLICANT), *two)
    yield "verify a scan of 16 MB, two visible signatures", signed_visibly(large_scan(), *two)


def _judge(services: Services, data: bytes) -> None:
    services.validation.judge(VerificationInput(data), datetime.now(UTC))


def _beside_pyhanko(services: Services, pki: DemoPki, data: bytes) -> tuple[float, float]:
    """Milliseconds of ours and of pyHanko's, over the same file with the same statements of status."""
    at = datetime.now(UTC)
    first = services.validation.judge(VerificationInput(data), at)
    assert first.conclusion is Conclusion.TOTAL_PASSED, first
    pieces = list(first.evidence.values())
    environment = replace(services.validation.environment(), sources=(_archived(pieces),))
    report = services.validation.workers.verify(VerificationInput(data), environment, at)
    assert report.conclusion is Conclusion.TOTAL_PASSED, report

    ours = partial(services.validation.workers.verify, VerificationInput(data), environment, at)
    ours_ms, theirs_ms = measured([ours, _by_pyhanko(pki, data, pieces)])
    return ours_ms, theirs_ms


def _archived(pieces: Sequence[bytes]) -> ArchivedSource:
    return ArchivedSource(
        *(tuple(der for der in pieces if kind_of(der) is kind) for kind in (PieceKind.CRL, PieceKind.OCSP))
    )


def _by_pyhanko(pki: DemoPki, data: bytes, pieces: Sequence[bytes]) -> Callable[[], None]:
    roots = [pki.authority(name).asn1 for name in ("public-root", "official-root")]
    others = [asn1_x509.Certificate.load(der) for der in pieces if kind_of(der) is PieceKind.CERTIFICATE]
    crls = [asn1_crl.CertificateList.load(der) for der in pieces if kind_of(der) is PieceKind.CRL]
    ocsps = [asn1_ocsp.OCSPResponse.load(der) for der in pieces if kind_of(der) is PieceKind.OCSP]

    def validate() -> None:
        reader = PdfFileReader(io.BytesIO(data))
        context = ValidationContext(
            trust_roots=roots,
            other_certs=others,
            crls=crls,
            ocsps=ocsps,
            revocation_mode="require",
            allow_fetching=False,
        )
        for signature in reader.embedded_regular_signatures:
            assert validate_pdf_signature(signature, context, context).bottom_line
        for stamp in reader.embedded_timestamp_signatures:
            assert validate_pdf_timestamp(stamp, context).valid

    return validate
