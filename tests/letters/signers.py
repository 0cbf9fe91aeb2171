"""Who signs the letters, and who only wants to look like it."""

from __future__ import annotations

from pathlib import Path

from cryptography.x509.oid import NameOID

from demo.issuing import name
from demo.pki import DemoPki, make_pki
from tests.letters.papers import LEADER_NAME, OFFICE, PROVINCE

LEADER, DRAFTER, COLLEAGUE, AGENCY, STRANGER, STRANGE_AGENCY, GUEST, PROVINCES, COPYCAT = (
    "leader",
    "drafter",
    "colleague",
    "agency",
    "stranger",
    "strange-agency",
    "guest",
    "province",
    "copycat",
)
SUBJECTS = {
    LEADER: (PROVINCE, OFFICE, LEADER_NAME),
    DRAFTER: (PROVINCE, OFFICE, "Vũ Văn Soạn"),
    COLLEAGUE: (PROVINCE, OFFICE, "Trương Thị Đồng"),
    AGENCY: (PROVINCE, "", OFFICE),
    PROVINCES: ("", "", PROVINCE),
    STRANGER: ("UBND TỈNH KHÁC", "SỞ Y TẾ KHÁC", "Trần Văn Lạ"),
    STRANGE_AGENCY: ("UBND TỈNH KHÁC", "", "SỞ Y TẾ KHÁC"),
    GUEST: ("BỘ MẪU", "", LEADER_NAME),
    COPYCAT: (PROVINCE, "", OFFICE),
}
"""O, OU and CN of whoever signs. The guest is a leader of another body whose name the letter prints; the copycat's
certificate has the agency's names and an issuer that nobody recognises."""


def with_signers(pki: DemoPki, elsewhere: Path) -> dict[str, DemoPki]:
    """Each signer's PKI: the demo's own, and another one of the same form for the copycat."""
    other = make_pki(elsewhere, "http://127.0.0.1:9", pki.made_at)
    homes = {slug: other if slug == COPYCAT else pki for slug in SUBJECTS}
    for slug, (organization, unit, common_name) in SUBJECTS.items():
        parts = ((NameOID.ORGANIZATION_NAME, organization), (NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
        named = ((NameOID.COUNTRY_NAME, "VN"), *(part for part in parts if part[1]))
        homes[slug].issue(f"letters-{slug}", "officer", subject=name(*named, (NameOID.COMMON_NAME, common_name)))
    return homes
