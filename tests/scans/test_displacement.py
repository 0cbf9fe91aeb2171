"""What a tile tells: along a straight line nothing, so text elsewhere decides; and what lies beyond the original."""

from __future__ import annotations

import cv2
import numpy as np

from verifier.scans.displacement import displacement
from verifier.scans.flattening import Plane, plane
from verifier.scans.gate import beyond
from verifier.scans.registration import Field, field_of

HEIGHT, WIDTH = 1200, 900


def page(noise: int) -> Plane:
    """Words in the upper part, and an upright rule at the left over the whole height."""
    values = np.zeros((HEIGHT, WIDTH), np.float32)
    words = np.random.RandomState(5)
    for top in range(80, 700, 44):
        for left in range(180, 800, 30):
            values[top + words.randint(0, 8) : top + 20, left : left + words.randint(6, 24)] = 0.8
    values[:, 100:106] = 0.8
    grain = np.random.RandomState(noise).randn(HEIGHT, WIDTH).astype(np.float32) * 0.04
    return plane(cv2.GaussianBlur(values + grain, (0, 0), 0.8))


def identity() -> Field:
    return field_of(np.eye(3), (HEIGHT, WIDTH))


class TestLines:
    def test_a_rule_does_not_hold_the_words_back(self) -> None:
        moved_down = np.roll(page(2), 7, axis=0)
        field, tiles = displacement(page(1), moved_down, identity())
        along = field[1] - np.arange(HEIGHT, dtype=np.float32)[:, None]
        assert abs(float(np.median(along[100:700, 100:106])) - 7) < 1
        assert abs(float(np.median(along[800:1100, 100:106])) - 7) < 2.5
        column = round(103 / tiles.spacing)
        assert tiles.trust[-8, column, 1] < 0.2 < 0.8 < tiles.trust[-8, column, 0]


class TestBeyond:
    def test_writing_below_the_original_s_picture_is_named(self) -> None:
        copy = page(1)
        field = field_of(np.eye(3), (400, WIDTH))
        found = beyond(copy, None, field)
        assert found
        assert min(box[1] for box in found) > 400 / (200 / 25.4) - 1
        assert not beyond(copy, np.zeros(copy.shape, bool), field)

    def test_nothing_where_the_original_shows_it_all(self) -> None:
        assert beyond(page(1), None, identity()) == []
