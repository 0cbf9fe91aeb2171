"""A page's box written anew with ten decimals is the same box; one that moved by more is another."""

from __future__ import annotations

import pikepdf
import pytest

from verifier.changes.boxes import same_box

BOX = "[0 0 595.27559055118 841.88976377953]"


def _box(text: str) -> pikepdf.Object:
    return pikepdf.Object.parse(text.encode())


@pytest.mark.parametrize(
    ("later", "same"),
    [
        (BOX, True),
        ("[0 0 595.2755905512 841.8897637795]", True),
        ("[0 0 595.275591 841.889764]", False),
        ("[0 0 595.27559055118 841.889763781]", False),
        ("[0 0.00000001 595.27559055118 841.88976377953]", False),
        ("[0 0 595.27559055118]", False),
        ("[0 0 595.27559055118 (841.88976377953)]", False),
        ("/Name", False),
    ],
)
def test_only_rounding_is_no_change(later: str, same: bool) -> None:
    with pikepdf.explicit_conversion():
        assert same_box(_box(BOX), _box(later)) is same


def test_what_is_missing_is_no_box() -> None:
    with pikepdf.explicit_conversion():
        assert not same_box(None, _box(BOX))
        assert not same_box(_box(BOX), None)
