"""Nobody can work out a small figure from those that are shown."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletters.small_cells import partition, single, table


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


def alike(rows, shown):
    """Every table that adds up to the same rows and agrees with what is shown."""
    width = len(rows[0])
    ways = [
        [
            way
            for way in product(range(sum(row) + 1), repeat=width)
            if sum(way) == sum(row)
            and all(told is None or told == count for told, count in zip(cells, way, strict=True))
        ]
        for row, cells in zip(rows, shown.cells, strict=True)
    ]
    for found in product(*ways):
        sums = [sum(column) for column in zip(*found, strict=True)]
        if all(told is None or told == n for told, n in zip(shown.sums, sums, strict=True)):
            yield [*found, tuple(sums)]


tables = st.sampled_from([(1, 2), (1, 4), (2, 2), (2, 3), (3, 2)]).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 6), min_size=size[1], max_size=size[1]).filter(
            lambda row: 3 <= sum(row) <= 9
        ),
        min_size=size[0],
        max_size=size[0],
    )
)


@settings(deadline=None)
@given(tables)
def test_no_hidden_cell_of_a_table_can_be_derived(rows):
    """By trying every table: a small one could be nothing as well, and could be enough."""
    shown = table(rows, 3)
    true = [*map(tuple, rows), tuple(map(sum, zip(*rows, strict=True)))]
    told = [*shown.cells, shown.sums]

    possible = list(alike(rows, shown))

    for i, row in enumerate(true):
        for j, count in enumerate(row):
            assert told[i][j] in (None, count)
            if 0 < count < 3:
                assert told[i][j] is None
                assert min(one[i][j] for one in possible) == 0
                assert max(one[i][j] for one in possible) >= 3


def test_a_table_hides_no_more_than_it_must():
    shown = table([[40, 12, 3], [50, 20, 14], [60, 0, 15]], 10)

    assert shown.sums == (150, 32, 32)
    assert shown.cells == ((40, None, None), (50, None, None), (60, 0, 15))


def test_where_nothing_is_small_everything_is_shown():
    assert table([[40, 0], [50, 20]], 10).cells == ((40, 0), (50, 20))
