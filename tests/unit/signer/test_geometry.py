"""Displayed coordinates and user space: there and back again, whatever the page says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.geometry import PageGeometry, Rect

lengths = st.floats(min_value=1, max_value=2000)
places = st.floats(min_value=-1000, max_value=1000)


@st.composite
def geometries(draw: st.DrawFn) -> PageGeometry:
    x, y = draw(places), draw(places)
    box = Rect(x, y, x + draw(lengths), y + draw(lengths))
    return PageGeometry(box, draw(st.sampled_from([0, 90, 180, 270])), draw(st.floats(min_value=0.1, max_value=10)))


@given(geometry=geometries(), x=places, y=places, width=lengths, height=lengths)
def test_there_and_back(geometry: PageGeometry, x: float, y: float, width: float, height: float) -> None:
    rect = Rect(x, y, x + width, y + height)
    again = geometry.to_displayed(geometry.to_user(rect))
    for one, other in zip((rect.x0, rect.y0, rect.x1, rect.y1), (again.x0, again.y0, again.x1, again.y1), strict=True):
        assert one == pytest.approx(other, abs=1e-6)


@given(geometry=geometries())
def test_the_whole_displayed_page_is_the_visible_box(geometry: PageGeometry) -> None:
    whole = geometry.to_user(Rect(0, 0, *geometry.size))
    box = geometry.box
    for one, other in zip((whole.x0, whole.y0, whole.x1, whole.y1), (box.x0, box.y0, box.x1, box.y1), strict=True):
        assert one == pytest.approx(other, abs=1e-6)
