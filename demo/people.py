"""Who is in the demo PKI: authorities and holders as plans, with the profiles of real certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from certs.catalogue import Regime
from demo.issuing import OFFICIAL_USAGE, SIGNING_USAGE, USER_ID, Authority, Profile, name

YEAR = timedelta(days=365)
DAY = timedelta(days=1)

_C, _O, _OU, _CN = (
    NameOID.COUNTRY_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.COMMON_NAME,
)
_L, _T, _E = NameOID.LOCALITY_NAME, NameOID.TITLE, NameOID.EMAIL_ADDRESS

_MANY_USAGES = (
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ExtendedKeyUsageOID.SMARTCARD_LOGON,
    ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # Microsoft document signing
    ObjectIdentifier("1.2.840.113583.1.1.5"),  # Adobe authentic documents
)
"""Real company leaves list up to nine, and mark them critical."""


class Key(StrEnum):
    """Which key a holder gets: making RSA keys is what takes the time, so those who only go wrong share one."""

    CITIZEN = "citizen"
    COMPANY = "company"
    CURVE = "curve"
    OFFICER = "officer"
    DEPUTY = "deputy"
    AGENCY = "agency"
    RESPONDER = "responder"
    STAMP = "stamp"
    SPARE = "spare"


@dataclass(frozen=True)
class AuthorityPlan:
    """A CA to be made; times are relative to the making. ``ocsp``: it answers OCSP for what it issued."""

    slug: str
    subject: x509.Name
    regime: Regime
    issuer: str | None
    valid_from: timedelta
    valid_until: timedelta
    sha1: bool = False
    ocsp: bool = True
    trusted: bool = True


@dataclass(frozen=True)
class HolderPlan:
    """A certificate to be issued; times are relative to the making. ``revoked``: since when, and why."""

    slug: str
    issuer: str
    subject: x509.Name
    key: Key
    valid_from: timedelta = -YEAR
    valid_until: timedelta = YEAR
    usage: tuple[str, ...] = SIGNING_USAGE
    extended_usage: tuple[ObjectIdentifier, ...] = ()
    names_crl_issuer: bool = False
    revoked: tuple[timedelta, x509.ReasonFlags] | None = None
    sha1: bool = False
    responder: bool = False


_RS = name((_CN, "DEMO CA RS"), (_O, "Công ty DEMO"), (_C, "VN"))
_VGCA = "Ban Cơ yếu DEMO"

AUTHORITIES = (
    AuthorityPlan(
        "public-root",
        name((_C, "VN"), (_O, "DEMO Ministry"), (_OU, "DEMO Centre"), (_CN, "DEMO National Root CA")),
        Regime.PUBLIC,
        None,
        -10 * YEAR,
        15 * YEAR,
        ocsp=False,
    ),
    AuthorityPlan("public-sub-old", _RS, Regime.PUBLIC, "public-root", -6 * YEAR, -YEAR),
    AuthorityPlan("public-sub", _RS, Regime.PUBLIC, "public-root", -2 * YEAR, 3 * YEAR),
    AuthorityPlan(
        "official-root",
        name((_C, "VN"), (_O, _VGCA), (_CN, "DEMO RootCA chuyên dùng G2")),
        Regime.OFFICIAL,
        None,
        -7 * YEAR,
        22 * YEAR,
    ),
    AuthorityPlan(
        "official-sub",
        name((_C, "VN"), (_O, _VGCA), (_CN, "DEMO CA phục vụ các cơ quan Nhà nước G2")),
        Regime.OFFICIAL,
        "official-root",
        -7 * YEAR,
        22 * YEAR,
    ),
    AuthorityPlan(
        "g1-root",
        name((_C, "VN"), (_O, "Ban Co yeu DEMO"), (_CN, "DEMO Co quan chung thuc so chuyen dung (RootCA)")),
        Regime.OFFICIAL,
        None,
        -15 * YEAR,
        5 * YEAR,
        sha1=True,
    ),
    AuthorityPlan(
        "g1-sub",
        name((_C, "VN"), (_O, "Ban Co yeu DEMO"), (_CN, "DEMO Co quan chung thuc so Chinh phu")),
        Regime.OFFICIAL,
        "g1-root",
        -15 * YEAR,
        5 * YEAR,
        sha1=True,
    ),
    AuthorityPlan(
        "stranger-root",
        name((_C, "VN"), (_O, "DEMO Stranger"), (_CN, "DEMO Unknown CA")),
        Regime.UNKNOWN,
        None,
        -YEAR,
        YEAR,
        trusted=False,
    ),
)
"""Parents before children. Two generations share one name, as real CAs do that re-key every five years."""


def _person(cccd: str, full_name: str) -> x509.Name:
    return name((_C, "VN"), (_L, "Lai Châu"), (_CN, full_name), (USER_ID, f"CCCD:{cccd}"))


def _official(*units: str, common_name: str, email: str) -> x509.Name:
    organisation = [(_O, "UBND tỉnh DEMO"), *((_OU, unit) for unit in units)]
    return name((_C, "VN"), (_L, "DEMO"), *organisation, (_CN, common_name), (_E, email))


_DEPARTMENT = "Sở Tài nguyên và Môi trường DEMO"
_STAMP = (ExtendedKeyUsageOID.TIME_STAMPING,)
_OCSP = (ExtendedKeyUsageOID.OCSP_SIGNING,)
_HOLD = x509.ReasonFlags.certificate_hold
_COMPROMISE = x509.ReasonFlags.key_compromise

HOLDERS = (
    # Public regime: their distribution points name their own issuer as cRLIssuer, as all modern public leaves do.
    HolderPlan("citizen", "public-sub", _person("012345678901", "Nguyễn Văn Mẫu"), Key.CITIZEN, names_crl_issuer=True),
    HolderPlan(
        "company",
        "public-sub",
        name((_C, "VN"), (_L, "Lai Châu"), (_CN, "CÔNG TY TNHH DEMO"), (USER_ID, "MST:6200000000")),
        Key.COMPANY,
        extended_usage=_MANY_USAGES,
        names_crl_issuer=True,
    ),
    HolderPlan(
        "employee",
        "public-sub",
        name(
            (_C, "VN"),
            (_O, "CÔNG TY TNHH DEMO"),
            (_T, "Giám đốc"),
            (_CN, "Trần Thị Mẫu"),
            (USER_ID, "CCCD:098765432109"),
        ),
        Key.COMPANY,
        names_crl_issuer=True,
    ),
    HolderPlan(
        "bank",
        "public-sub",
        name((_C, "VN"), (_O, "MST:0100000000"), (_CN, "NGÂN HÀNG DEMO")),
        Key.COMPANY,
        names_crl_issuer=True,
    ),
    HolderPlan("citizen-ec", "public-sub", _person("012345678902", "Lò Thị Mẫu"), Key.CURVE, names_crl_issuer=True),
    HolderPlan("plain", "public-sub", _person("012345678903", "Vàng A Mẫu"), Key.SPARE),
    HolderPlan(
        "revoked",
        "public-sub",
        _person("012345678904", "Giàng A Mẫu"),
        Key.SPARE,
        names_crl_issuer=True,
        revoked=(-30 * DAY, _COMPROMISE),
    ),
    HolderPlan(
        "revoked-plain",
        "public-sub",
        _person("012345678905", "Sùng A Mẫu"),
        Key.SPARE,
        revoked=(-30 * DAY, _COMPROMISE),
    ),
    HolderPlan(
        "suspended",
        "public-sub",
        _person("012345678906", "Mùa A Mẫu"),
        Key.SPARE,
        names_crl_issuer=True,
        revoked=(-10 * DAY, _HOLD),
    ),
    HolderPlan(
        "expired",
        "public-sub",
        _person("012345678907", "Hà Văn Mẫu"),
        Key.SPARE,
        -400 * DAY,
        -35 * DAY,
        names_crl_issuer=True,
    ),
    HolderPlan(
        "old-generation",
        "public-sub-old",
        _person("012345678908", "Điêu Văn Mẫu"),
        Key.SPARE,
        -3 * YEAR,
        -400 * DAY,
        names_crl_issuer=True,
    ),
    HolderPlan("stranger", "stranger-root", _person("012345678909", "Người Lạ Mẫu"), Key.SPARE, -30 * DAY, 300 * DAY),
    # Official regime: no UID, an e-mail address, four key usage bits.
    HolderPlan(
        "officer",
        "official-sub",
        _official(_DEPARTMENT, common_name="Phạm Thị Mẫu", email="giamdoc.stnmt@demo.gov.vn.invalid"),
        Key.OFFICER,
        usage=OFFICIAL_USAGE,
    ),
    HolderPlan(
        "deputy",
        "official-sub",
        _official(_DEPARTMENT, common_name="Hoàng Văn Mẫu", email="phogiamdoc.stnmt@demo.gov.vn.invalid"),
        Key.DEPUTY,
        usage=OFFICIAL_USAGE,
    ),
    HolderPlan(
        "agency",
        "official-sub",
        _official(common_name=_DEPARTMENT, email="stnmt@demo.gov.vn.invalid"),
        Key.AGENCY,
        usage=OFFICIAL_USAGE,
    ),
    HolderPlan(
        "officer-g1",
        "g1-sub",
        _official("Sở Tư pháp DEMO", common_name="Lê Văn Mẫu", email="lvm@demo.gov.vn.invalid"),
        Key.SPARE,
        usage=OFFICIAL_USAGE,
    ),
    HolderPlan(
        "officer-g1-sha1",
        "g1-sub",
        _official("Sở Tư pháp DEMO", common_name="Đỗ Văn Mẫu", email="dvm@demo.gov.vn.invalid"),
        Key.SPARE,
        usage=OFFICIAL_USAGE,
        sha1=True,
    ),
    # Time stamps and OCSP.
    HolderPlan(
        "tsa-public",
        "public-sub",
        name((_C, "VN"), (_CN, "DEMO TSA")),
        Key.STAMP,
        usage=SIGNING_USAGE,
        extended_usage=_STAMP,
    ),
    HolderPlan(
        "tsa-official",
        "official-sub",
        name((_C, "VN"), (_O, _VGCA), (_CN, "DEMO TSA chuyên dùng")),
        Key.STAMP,
        usage=SIGNING_USAGE,
        extended_usage=_STAMP,
    ),
    HolderPlan(
        "tsa-expired",
        "official-sub",
        name((_C, "VN"), (_O, _VGCA), (_CN, "DEMO TSA cũ")),
        Key.STAMP,
        -3 * YEAR,
        -YEAR,
        usage=SIGNING_USAGE,
        extended_usage=_STAMP,
    ),
    *(
        HolderPlan(
            f"ocsp-{issuer}",
            issuer,
            name((_C, "VN"), (_CN, f"DEMO OCSP {issuer}")),
            Key.RESPONDER,
            valid_from=-timedelta(days=500) if issuer == "public-sub-old" else -30 * DAY,
            valid_until=-timedelta(days=400) if issuer == "public-sub-old" else 60 * DAY,
            usage=("digital_signature",),
            extended_usage=_OCSP,
            responder=True,
        )
        for issuer in ("public-sub", "public-sub-old", "official-sub", "g1-sub")
    ),
)


def profile_of(plan: HolderPlan, issuer: Authority, base_url: str, made_at: datetime) -> Profile:
    """The certificate profile of a planned holder, with the addresses of its issuer's responders."""
    stamps = plan.extended_usage == _STAMP
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = ((x509.OCSPNoCheck(), False),) if plan.responder else ()
    return Profile(
        subject=plan.subject,
        not_before=made_at + plan.valid_from,
        not_after=made_at + plan.valid_until,
        usage=plan.usage,
        extended_usage=plan.extended_usage,
        extended_usage_critical=stamps or plan.extended_usage == _MANY_USAGES,
        crl_urls=() if plan.responder else (f"{base_url}/crl/{issuer.slug}.crl",),
        crl_issuer=issuer.certificate.subject if plan.names_crl_issuer else None,
        ocsp_urls=() if plan.responder else (f"{base_url}/ocsp/{issuer.slug}",),
        ca_issuers_urls=(f"{base_url}/aia/{issuer.slug}.crt",),
        extensions=extensions,
        sha1=plan.sha1,
    )
