"""Nobody can work out a small figure from those that are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alumni.followup.small_cells import partition, single


@pytest.mark.parametrize(
    ("count", "of", "shown"),
    [(0, None, 0), (1, None, None), (4, None, None), (5, None, 5), (15, 16, None), (16, 16, 16),
     (11, 16, 11), (12, 16, None), (0, 16, 0)],
)  # fmt: skip
def test_a_small_count_or_a_small_rest_is_hidden(count, of, shown):
    assert single(count, 5, of=of) == shown


def test_one_small_cell_takes_the_next_one_with_it():
    assert partition({"f": 3, "m": 20, "x": 9}, 5) == {"f": None, "m": 20, "x": None}


def test_nothing_is_hidden_without_need():
    assert partition({"f": 7, "m": 9, "x": 0}, 5) == {"f": 7, "m": 9, "x": 0}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(2, 10))
def test_what_is_hidden_cannot_be_told_from_the_sum(counts, least):
    cells = dict(enumerate(counts))
    shown = partition(cells, least)

    hidden = [cells[key] for key, count in shown.items() if count is None]
    assert all(count is None or count == cells[key] for key, count in shown.items())
    assert not any(count is not None and 0 < count < least for count in shown.values())
    if hidden and len(hidden) < len(cells):
        assert len(hidden) >= 2
        assert sum(hidden) >= least
