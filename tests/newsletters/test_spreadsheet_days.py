"""Days as people write them in a list, with the month by its name and with or without a year."""

import datetime as dt

import pytest

from newsletters.spreadsheets.dates import LONGEST, day_of, days_without_year, lacks_a_year

FIRST, LAST = dt.date(2025, 11, 3), dt.date(2026, 2, 20)


@pytest.mark.parametrize(
    "written",
    [
        "30 Nov 2025",
        "30. November 2025",
        "30th November, 2025",
        "Nov. 30, 2025",
        "30 novembre 2025",
        "30 de novembro de 2025",
        "٣٠ نوفمبر ٢٠٢٥",
        "30-Nov-2025",
        "30/novembre/2025",
    ],
)
def test_a_month_is_known_by_its_name_in_every_language(written):
    assert day_of(written) == (dt.date(2025, 11, 30), False)


@pytest.mark.parametrize(
    "written",
    ["31 Nov 2025", "30 Brumaire 2025", "30 2025", "Nov 2025", "30 Nov", "12 13 14", "²⁹"],
)
def test_what_is_no_whole_day_is_none(written):
    assert day_of(written) == (None, False)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("30 Nov", "2025-11-30"),
        ("1er février", "2026-02-01"),
        ("٣٠ نوفمبر", "2025-11-30"),
        ("30-Nov", "2025-11-30"),
        ("March 1", None),
        ("31 Nov", None),
        ("Nov-25", None),
        ("nov/25", None),
        ("30 Nov 2025", None),
        ("30", None),
    ],
)
def test_without_a_year_it_is_the_one_day_of_that_name_in_the_time_given(written, day):
    found = days_without_year(written, first=FIRST, last=LAST)

    assert found == ([dt.date.fromisoformat(day)] if day else [])


def test_without_a_year_it_may_be_several_days_of_that_name_or_none():
    last = dt.date(2026, 12, 1)
    both = [dt.date(2025, 11, 30), dt.date(2026, 11, 30)]

    assert days_without_year("30 Nov", first=FIRST, last=last) == both
    assert days_without_year("29 Feb", first=FIRST, last=last) == []


def test_a_day_and_a_month_alone_lack_a_year():
    assert [lacks_a_year(one) for one in ("30 Nov", "31 Nov", "30 Nov 2025", "soon")] == [
        True, True, False, False
    ]  # fmt: skip


@pytest.mark.parametrize(("at_most", "is_day"), [(LONGEST, True), (LONGEST + 1, False)])
def test_a_long_cell_is_no_day_and_is_not_pondered(at_most, is_day):
    """The patterns try each space of a cell: of one with thousands, for seconds."""
    dated, undated = ("30" + one.rjust(at_most - 2) for one in ("November 2025", "November"))

    assert day_of(dated) == ((dt.date(2025, 11, 30), False) if is_day else (None, False))
    assert lacks_a_year(undated) == is_day
