"""The two codes of a result: the result code that can be guessed, the verification code that cannot. Pure.

A verification code is 16 random characters of Crockford's base 32 (80 bits; no I, L, O, U) and two check characters,
printed in groups of four: ``K7QM-2F9D-XW4T-HB3C-7Z``. The check characters make it a Reed-Solomon codeword over GF(32)
of distance 3: any one or two wrong characters and any two swapped neighbours are noticed before anybody searches.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 16
CHECK_CHARACTERS = 2
CODE_CHARACTERS = RANDOM_CHARACTERS + CHECK_CHARACTERS
GROUP = 4

MAX_RESULT_NUMBER = 999_999

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—._]+")
_RESULT_CODE = re.compile(r"(?P<dossier>.+)-KQ(?P<number>[1-9][0-9]{0,5})")
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)


class CodeError(ValueError):
    """What was typed is not a code of this form; ``reason`` is ``length``, ``alphabet`` or ``check``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class VerificationCode:
    """The random code printed on a result; ``text`` is the 18 characters without separators."""

    text: str

    def __str__(self) -> str:
        return "-".join(self.text[start : start + GROUP] for start in range(0, len(self.text), GROUP))

    @classmethod
    def random(cls) -> VerificationCode:
        """Draw a new code from the operating system's randomness."""
        drawn = [secrets.randbelow(len(ALPHABET)) for _ in range(RANDOM_CHARACTERS)]
        return cls("".join(ALPHABET[value] for value in [*drawn, *_check(drawn)]))

    @classmethod
    def parse(cls, typed: str) -> VerificationCode:
        """Read what a person typed: any case, any separators, O for 0, I or L for 1.

        Raises:
            CodeError: wrong length, a character outside the alphabet, or check characters that do not fit.
        """
        text = _SEPARATORS.sub("", typed).upper().translate(_MISREAD)
        if len(text) != CODE_CHARACTERS:
            raise CodeError("length")
        if any(character not in ALPHABET for character in text):
            raise CodeError("alphabet")
        values = [ALPHABET.index(character) for character in text]
        if tuple(values[RANDOM_CHARACTERS:]) != _check(values[:RANDOM_CHARACTERS]):
            raise CodeError("check")
        return cls(text)


@dataclass(frozen=True)
class ResultCode:
    """``<dossier>-KQ<n>`` (NĐ 45/2020 Đ.14.3): the n-th result of a dossier, n from 1."""

    dossier: str
    number: int

    def __str__(self) -> str:
        return f"{self.dossier}-KQ{self.number}"

    @classmethod
    def parse(cls, typed: str) -> ResultCode:
        """Read a result code.

        Raises:
            CodeError: it does not end in ``-KQ<n>`` or the dossier's part is no dossier code.
        """
        match = _RESULT_CODE.fullmatch(typed.strip())
        if match is None or not is_dossier_code(match["dossier"]):
            raise CodeError("form")
        return cls(match["dossier"], int(match["number"]))


def check_url(public_url: str, code: VerificationCode) -> str:
    """The address that the QR code carries and that anybody can open."""
    return f"{public_url}/kiem-tra/{code}"


def is_dossier_code(text: str) -> bool:
    """An opaque string of 1 to 64 visible ASCII characters that can stand in a path (TT 01/2018; no ``/ ? # %``).

    Not one of dots only: browsers and proxies take such a step of a path away.
    """
    if not text.strip("."):
        return False
    return bool(re.fullmatch(r"[!-~]{1,64}", text)) and not re.search(r"[/?#%\\]", text)


def _check(values: list[int]) -> tuple[int, int]:
    """The two characters that make the polynomial divisible by (x - a)(x - a²), a the field's generator."""
    generator = (_multiply(2, 4), 2 ^ 4)  # constant term, then the coefficient of x
    high = low = 0
    for value in values:
        feedback = value ^ high
        high, low = low ^ _multiply(feedback, generator[1]), _multiply(feedback, generator[0])
    return high, low


def _multiply(left: int, right: int) -> int:
    """Multiply in GF(32)."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 32:
            left ^= _FIELD_POLYNOMIAL
        right >>= 1
    return product
