"""Series of the test agency, and its clerk, for tests of outgoing letters."""

from __future__ import annotations

from api.actions.check_result import VIETNAM
from api.callers import Caller, CallerKind, Right
from tests.installation import now
from tests.sealing_home import AGENCY

SERIES = f"""
[[agency.{AGENCY}.series]]
id = "giay-phep"
name = "Giấy phép"
signs = ["GP-STNMT"]

[[agency.{AGENCY}.series]]
id = "chung"
name = "Văn bản khác"
signs = ["QĐ-STNMT", "STNMT-VP"]
first_number = {{ {now().astimezone(VIETNAM).year} = 413 }}

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
