"""What a person types becomes an address; what is answered becomes careful words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from api.actions.check_result import NotChecked, PublicAnswer, PublicResult, ResultState
from api.codes import VerificationCode
from api.i18n.texts import load_texts
from api.pages.citizen import answer_view, tidy
from api.pages.local_time import say_date, say_minute, say_second
from api.pages.report_view import Speaker, Tone

CODE = VerificationCode("K7QM2F9DXW4THB3C" + "00")
AT = datetime(2026, 11, 20, 18, 5, 9, tzinfo=UTC)
RESULT = PublicResult(
    title="Giấy phép khai thác tận dụng lâm sản",
    number="118/GP-STNMT",
    issued_on=date(2026, 11, 18),
    agency="Sở Tài nguyên và Môi trường",
    holder="N*** T** H**",
    valid_until=date(2027, 11, 18),
    verification_code="K7QM-2F9D-XW4T-HB3C-7Z",
    sealed_at=AT,
)


@pytest.fixture(scope="module")
def code() -> str:
    return str(VerificationCode.random())


class TestTidy:
    def test_any_way_of_typing_gives_the_printed_form(self, code: str) -> None:
        plain = code.replace("-", "")
        for typed in (code, plain, code.lower(), f"  {code} ", code.replace("-", " "), plain.replace("0", "O")):
            assert tidy(typed) == code

    def test_the_whole_address_from_the_paper_will_do(self, code: str) -> None:
        for typed in (
            f"https://antin.example.vn/kiem-tra/{code}",
            f"antin.example.vn/kiem-tra/{code}/",
            f"/{code}?x=1",
        ):
            assert tidy(typed) == code

    @pytest.mark.parametrize("typed", ["", "   ", "...", "..", "/", "https://", "\x00\x01", "?#%"])
    def test_nothing_stays_nothing(self, typed: str) -> None:
        assert tidy(typed) == ""

    @pytest.mark.parametrize("typed", ["abc", "K7QM-2F9D-XW4T-HB3C-7Y", "Mã của tôi", "<script>"])
    def test_what_is_no_code_is_kept_to_be_shown_again(self, typed: str) -> None:
        assert tidy(typed) == typed.strip()

    def test_a_very_long_text_is_cut(self) -> None:
        assert len(tidy("x" * 10_000)) <= 200


class TestAnswer:
    @pytest.mark.parametrize(
        ("state", "tone"),
        [
            (ResultState.IN_FORCE, Tone.OK),
            (ResultState.EXPIRED, Tone.WARN),
            (ResultState.UNKNOWN, Tone.IDLE),
            (ResultState.MALFORMED, Tone.IDLE),
        ],
    )
    @pytest.mark.parametrize("language", ["vi", "en"])
    def test_every_state_has_its_words(self, state: ResultState, tone: Tone, language: str) -> None:
        found = RESULT if state in (ResultState.IN_FORCE, ResultState.EXPIRED) else None
        view = answer_view(PublicAnswer(state, AT, found, tuple(NotChecked)), "K7QM", Speaker(load_texts(), language))
        assert view.tone is tone
        assert not re.search(r"[{}…]|page\.", view.title + view.text + view.time)
        assert (view.facts is None) is (found is None)
        for part in NotChecked:
            assert f"not-checked.{part.value}" in load_texts()

    @pytest.mark.parametrize("typed", ["H38-261120-0077-KQ1", "000.00.16.h35-261120-0077-kq12", "A 1 KQ3", "A-1-KQ 3"])
    def test_the_results_own_number_is_told_from_its_code(self, typed: str) -> None:
        speaker = Speaker(load_texts(), "vi")
        view = answer_view(PublicAnswer(ResultState.MALFORMED, AT, None), typed, speaker)
        assert view.title == "Đây là mã kết quả, chưa phải mã tra cứu"
        other = answer_view(PublicAnswer(ResultState.MALFORMED, AT, None), "K7QM-KQ", speaker)
        assert other.title == "Mã gõ chưa đúng"

    def test_only_a_result_in_force_is_green(self) -> None:
        tones = {
            answer_view(PublicAnswer(state, AT, RESULT), "", Speaker(load_texts(), "vi")).tone
            for state in ResultState
            if state is not ResultState.IN_FORCE
        }
        assert Tone.OK not in tones

    def test_an_unknown_code_or_file_is_not_called_forged(self) -> None:
        for code in ("page.result.unknown", "page.result.file-unknown", "page.result.malformed"):
            for language, word in (("vi", "là giả."), ("en", "is forged")):
                assert word not in load_texts().say(f"{code}.text", language)


def test_times_are_vietnams_whatever_the_machines() -> None:
    assert say_minute(AT, "vi") == "21/11/2026 01:05"
    assert say_second(AT, "vi") == "21/11/2026 01:05:09 +07:00"
    assert say_date(AT, "en") == "21 Nov 2026"
    assert say_date(date(2026, 4, 3), "vi") == "03/04/2026"
