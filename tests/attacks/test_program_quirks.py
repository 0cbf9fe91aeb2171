"""What signing programs write that no standard has, in PDF and CMS: read as it is meant, and told truly."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import algos, cms, core, x509
from cryptography.hazmat.primitives.asymmetric import rsa

from api.i18n.texts import load_texts
from demo.issuing import Holder
from demo.pki import DemoPki
from tests.unit.verifier.cms_maker import Make, embed, make_cms
from tests.unit.verifier.signing import blank_paper, codes, only, without_status
from verifier.inputs import Environment
from verifier.report import Integrity, SignatureVerdict, SubIndication
from verifier.signature.claims import pdf_date

LETTER = b"Kinh gui So Tai nguyen va Moi truong"
FALSE_WORDS = ("not made by the key", "content changed", "has been changed", "không do khóa", "đã ký bị thay đổi")


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def citizen(pki: DemoPki) -> Holder:
    return pki.holder("citizen")


def sentences(verdict: SignatureVerdict) -> str:
    texts = load_texts()
    return " ".join(texts.finding(f, language) for f in verdict.findings for language in ("vi", "en"))


def remade(made: bytes, change: Any, sign_with: Any = None) -> bytes:
    """The CMS with its SignerInfo changed, and signed anew over its attributes where ``sign_with`` does that."""
    data = cms.ContentInfo.load(made)["content"]
    info = data["signer_infos"][0]
    change(info)
    if sign_with is not None:
        info["signature"] = sign_with(info["signed_attrs"].untag().dump())
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data.copy()}).dump(force=True))


def without_null(holder: Holder, digest: str, parameters: bytes = b"") -> Any:
    """A signer that writes the DigestInfo without NULL (or with other parameters)."""

    def value(signed: bytes) -> bytes:
        key = holder.key
        assert isinstance(key, rsa.RSAPrivateKey)
        oid = algos.DigestAlgorithmId(digest).dump()
        algorithm = core.Sequence(contents=oid + parameters).dump()
        octets = core.OctetString(hashlib.new(digest, signed).digest()).dump()
        info = core.Sequence(contents=algorithm + octets).dump()
        numbers = key.private_numbers()
        size = key.key_size // 8
        encoded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
        return pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")

    return value


class TestDigestInfo:
    @pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
    @pytest.mark.parametrize("attributes", [True, False])
    def test_without_null_it_was_made_by_the_key(
        self, digest: str, attributes: bool, citizen: Holder, environment: Environment
    ) -> None:
        made = make_cms(Make(citizen, encapsulated=LETTER, digest=digest, with_attributes=attributes), b"")
        signer = without_null(citizen, digest)
        old = (
            remade(made, lambda info: None, signer)
            if attributes
            else remade(made, lambda info: info.__setitem__("signature", signer(LETTER)))
        )
        verdict = only(old, environment)
        assert (verdict.facts.integrity, verdict.sub_indication) == (Integrity.INTACT, None)
        assert "DIGEST-INFO-WITHOUT-NULL" in codes(verdict)
        changed = only(old.replace(LETTER, LETTER[:-1] + b"X"), environment)
        assert changed.facts.integrity is Integrity.BROKEN

    @pytest.mark.parametrize("parameters", [b"\x04\x00", b"\x05\x00\x05\x00", b"\x30\x00"])
    def test_other_parameters_are_no_form_of_it(
        self, parameters: bytes, citizen: Holder, environment: Environment
    ) -> None:
        made = make_cms(Make(citizen, encapsulated=LETTER), b"")
        verdict = only(remade(made, lambda info: None, without_null(citizen, "sha256", parameters)), environment)
        assert verdict.sub_indication is SubIndication.SIG_CRYPTO_FAILURE


class TestAlgorithmNames:
    @pytest.mark.parametrize(
        ("digest", "written"),
        [
            ("sha256", "1.2.840.113549.1.1.11"),
            ("sha384", "1.2.840.113549.1.1.12"),
            ("sha512", "1.2.840.113549.1.1.13"),
            ("sha1", "1.2.840.113549.1.1.5"),
            ("sha256", "1.2.840.10045.4.3.2"),
        ],
    )
    def test_a_signature_algorithm_as_digest_algorithm_means_its_digest(
        self, digest: str, written: str, citizen: Holder, environment: Environment
    ) -> None:
        made = make_cms(Make(citizen, encapsulated=LETTER, digest=digest), b"")
        named = core.ObjectIdentifier(written).dump()
        plain = algos.DigestAlgorithmId(digest).dump()

        def change(info: Any) -> None:
            info["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": written})

        odd = remade(made, change)
        assert named in odd and plain in odd
        verdict = only(odd, environment)
        assert verdict.facts.integrity is Integrity.INTACT
        weak = digest == "sha1"
        assert verdict.sub_indication is (SubIndication.CRYPTO_CONSTRAINTS_FAILURE if weak else None)


def twice(name: x509.Name) -> x509.Name:
    """The name as node-forge writes it: every text in UTF-8 twice."""
    rdns = [
        x509.RelativeDistinguishedName(
            [
                {
                    "type": one["type"],
                    "value": x509.DirectoryString("utf8_string", one["value"].native.encode().decode("latin-1")),
                }
                for one in rdn
            ]
        )
        for rdn in name.chosen
    ]
    return x509.Name(name="", value=x509.RDNSequence(rdns))


class TestIssuerName:
    def test_a_name_written_twice_in_utf8_is_told(self, citizen: Holder, environment: Environment) -> None:
        def change(info: Any) -> None:
            serial = citizen.asn1.serial_number
            wrong = twice(citizen.asn1.issuer)
            assert wrong.dump() != citizen.asn1.issuer.dump(), "the authority's name has accents"
            info["sid"] = cms.SignerIdentifier("issuer_and_serial_number", {"issuer": wrong, "serial_number": serial})

        verdict = only(remade(make_cms(Make(citizen, encapsulated=LETTER), b""), change), environment)
        assert verdict.facts.integrity is Integrity.INTACT
        assert verdict.facts.signer is not None and verdict.facts.signer.cccd == "012345678901"
        assert "ISSUER-NAME-MISWRITTEN" in codes(verdict)
        assert "wrote the authority's name wrongly" in sentences(verdict)

    @pytest.mark.parametrize("wrong", ["serial", "name"])
    def test_any_other_name_or_number_names_nobody(self, wrong: str, citizen: Holder, environment: Environment) -> None:
        def change(info: Any) -> None:
            number = citizen.asn1.serial_number + (wrong == "serial")
            issuer = twice(citizen.asn1.issuer) if wrong == "serial" else x509.Name.build({"common_name": "Ai đó"})
            info["sid"] = cms.SignerIdentifier("issuer_and_serial_number", {"issuer": issuer, "serial_number": number})

        verdict = only(remade(make_cms(Make(citizen, encapsulated=LETTER), b""), change), environment)
        assert verdict.facts.signer is None
        assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        assert "SIGNER-CERTIFICATE-MISSING" in codes(verdict)

    def test_a_file_without_the_certificate_says_that_it_is_missing(
        self, citizen: Holder, environment: Environment
    ) -> None:
        bare = make_cms(Make(citizen, encapsulated=LETTER, certificates=()), b"")
        verdict = only(bare, environment)
        assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        (missing,) = [f for f in verdict.findings if f.code == "SIGNER-CERTIFICATE-MISSING"]
        assert dict(missing.parameters)["serial"] == f"{citizen.asn1.serial_number:x}"
        assert not any(word in sentences(verdict) for word in FALSE_WORDS)


class TestOrder:
    @pytest.mark.parametrize("attributes", range(1, 4))
    def test_attributes_in_any_order_are_told_as_what_they_are(
        self, attributes: int, citizen: Holder, environment: Environment
    ) -> None:
        """Each order that is not DER's: the key made the value, the form is wrong, and no sentence says otherwise."""

        def rotated(made: list[tuple[str, list[Any]]]) -> list[tuple[str, list[Any]]]:
            return [*made, ("signing_time", [cms.Time({"utc_time": datetime(2026, 1, attributes, tzinfo=UTC)})])]

        document = embed(
            blank_paper(),
            lambda covered: make_cms(Make(citizen, change=rotated, sorted_attributes=False), covered),
            "ETSI.CAdES.detached",
        )
        verdict = only(document, environment)
        assert (verdict.facts.integrity, verdict.sub_indication) == (
            Integrity.BROKEN,
            SubIndication.SIG_CRYPTO_FAILURE,
        )
        said = sentences(verdict)
        assert not any(word in said for word in FALSE_WORDS), said
        other = document.replace(b"%\xbf\xf7", b"%\xbf\xf6", 1)
        assert other != document
        assert only(other, environment).sub_indication is SubIndication.HASH_FAILURE


DATES = [
    ("D:20261130021011Z", "2026-11-30T02:10:11"),
    ("D:20261130021011Z'", "2026-11-30T02:10:11"),
    ("D:20261130021011Z00'00'", "2026-11-30T02:10:11"),
    ("D:20261130021011Z00'00", "2026-11-30T02:10:11"),
    ("D:20261130021011Z0000", "2026-11-30T02:10:11"),
    ("D:20261130091011+07'00'", "2026-11-30T02:10:11"),
    ("D:20261130091011+07'00", "2026-11-30T02:10:11"),
    ("D:20261130091011+0700", "2026-11-30T02:10:11"),
    ("D:20261130091011+07", "2026-11-30T02:10:11"),
    ("D:20261130091011+07'", "2026-11-30T02:10:11"),
    ("D:20261129191011-07'00'", "2026-11-30T02:10:11"),
    ("20261130091011+07'00'", "2026-11-30T02:10:11"),
    ("D:20261130021011", "2026-11-30T02:10:11"),
    ("D:202611300210", "2026-11-30T02:10:00"),
    ("D:20261130", "2026-11-30T00:00:00"),
    ("D:2026", "2026-01-01T00:00:00"),
]


@pytest.mark.parametrize(("written", "meant"), DATES)
def test_dates_as_programs_write_them(written: str, meant: str) -> None:
    assert pdf_date(written) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", None, "D:", "yesterday", "D:20261330", "D:20261130021011+07'00'x", "D:20261130021011Z01'00'", "D:26"],
)
def test_no_dates(written: str | None) -> None:
    assert pdf_date(written) is None


@pytest.mark.parametrize(("written", "meant"), DATES[:8])
def test_a_claim_in_m_alone_is_told(written: str, meant: str, citizen: Holder, environment: Environment) -> None:
    document = embed(blank_paper(), lambda covered: make_cms(Make(citizen), covered), "ETSI.CAdES.detached")
    assert b"/M " not in document and b"/M(" not in document
    assert only(document, environment).facts.claimed_signing_time is None

    def dated(covered: bytes) -> bytes:
        return make_cms(Make(citizen), covered)

    paper = embed(blank_paper(), dated, "ETSI.CAdES.detached", date=written)
    assert only(paper, environment).facts.claimed_signing_time == datetime.fromisoformat(meant).replace(tzinfo=UTC)
