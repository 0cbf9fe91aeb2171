"""Series of the test agency, its clerk, and letters to be issued, for tests of outgoing letters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from api.actions.check_result import VIETNAM
from api.actions.issue_order import IssueWish
from api.actions.seal_order import SealOrder
from api.callers import Caller, CallerKind, Right
from demo.documents import permit_to_issue
from tests.installation import APPLICANT, now
from tests.sealing_home import AGENCY, seal_order


def this_year() -> int:
    """The year in Vietnam."""
    return now().astimezone(VIETNAM).year


SERIES = f"""
[[agency.{AGENCY}.series]]
id = "giay-phep"
name = "Giấy phép"
signs = ["GP-STNMT"]

[[agency.{AGENCY}.series]]
id = "chung"
name = "Văn bản khác"
signs = ["QĐ-STNMT", "STNMT-VP"]
first_number = {{ {this_year()} = 413 }}

[[agency.{AGENCY}.series]]
id = "cong"
name = "Kết quả từ cổng dịch vụ công"
signs = ["{{year}}/TB-STNMT"]
numbers_from = "portal"
"""
"""To be written after everything else of the agency."""

CLERK = Caller(
    CallerKind.OFFICER, "officer:van-thu", "Trần Thị Bình", frozenset({AGENCY}), frozenset({Right.KEEP_NUMBERS})
)
OTHER = Caller(CallerKind.OFFICER, "officer:khac", "Lê Văn Cường", frozenset({"so-khac"}), frozenset(Right))


@lru_cache
def letter(area_m2: str = "1.200", sign: str = "GP-STNMT", year: int | None = None) -> bytes:
    """A permit as its drafter hands it in, number and date left blank; ``area_m2`` tells letters apart."""
    return permit_to_issue(APPLICANT, sign, year or this_year(), "Phạm Thị Mẫu", area_m2)


def letter_order(area_m2: str = "1.200", *, paper_sign: str = "GP-STNMT", **issue: Any) -> SealOrder:
    """An order to issue it; ``issue`` are members of its ``IssueWish``."""
    wish = IssueWish(**({"series": "giay-phep"} | issue))
    changes = {"number": "", "issued_on": None, "valid_until": None, "issue": wish}
    return seal_order(document=letter(area_m2, paper_sign), **changes)
