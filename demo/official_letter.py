"""An official letter of the demo's department, as its drafter hands it in: number and date are left blank."""

from __future__ import annotations

from demo.documents import LEADING, MOTTO, Line, beside, typeset

SYMBOL = "STNMT-KL"
ENDING = "theo quy định."
"""The last words before "./.", where the drafter puts initials."""


def official_letter(signatory: str, year: int) -> bytes:
    """One page with a head in two columns and a place for the director."""
    blank_number, blank_day = "." * 12, "." * 6
    place = f"Lai Châu, ngày {blank_day} tháng {blank_day} năm {year}"
    return typeset(
        (
            *beside(Line("UBND TỈNH LAI CHÂU", size=12), Line(MOTTO[0].text, bold=True, size=12), 0),
            *beside(Line("SỞ TÀI NGUYÊN", bold=True, size=12), Line(MOTTO[1].text, bold=True, size=13), 0),
            Line("VÀ MÔI TRƯỜNG", "left-column", bold=True, size=12, space_after=4),
            *beside(Line(f"Số: {blank_number}/{SYMBOL}"), Line(place, italic=True), 0),
            Line("V/v khai thác tận dụng gỗ rừng trồng", "left-column", size=12, space_after=26),
            Line("Kính gửi: Ủy ban nhân dân xã Tả Lèng", "centre", size=14, space_after=20),
            Line(
                "        Sở Tài nguyên và Môi trường nhận được Công văn số 64/UBND ngày 20 tháng 11 của Ủy ban nhân "
                "dân xã Tả Lèng về việc đề nghị khai thác tận dụng gỗ rừng trồng đổ gãy sau mưa bão. Sau khi kiểm tra "
                "thực địa, Sở có ý kiến như sau:",
                size=14,
            ),
            Line(
                "        1. Thống nhất cho khai thác tận dụng khối lượng không quá 18,5 m³ tại lô 12, khoảnh 3, tiểu "
                "khu 117; không mở đường vận xuất mới.",
                size=14,
            ),
            Line(
                "        2. Đề nghị Ủy ban nhân dân xã Tả Lèng giám sát việc khai thác và trồng lại rừng, báo cáo Sở "
                "kết quả thực hiện theo quy định./.",
                size=14,
                space_after=20,
            ),
            Line("Nơi nhận:", bold=True, size=12, space_after=-12 * LEADING),
            Line("GIÁM ĐỐC", "right-column", bold=True, size=14, space_after=0),
            Line("- Như trên;", size=11, space_after=0),
            Line("- Hạt Kiểm lâm khu vực;", size=11, space_after=0),
            Line("- Lưu: VT, KL.", size=11, space_after=56),
            Line(signatory, "right-column", bold=True, size=14),
        )
    )
