"""Every line of the mail checklist and of the privacy page stands in its table, with its tests."""

from pathlib import Path

import pytest

from tests import test_traps

DOCS = Path(__file__).resolve().parents[1] / "docs"
each_table = pytest.mark.parametrize(("table", "most"), [("mail-lines", 25), ("privacy-lines", 22)])


def rows(table):
    """(line, [(file, test) …]) of every row."""
    found = test_traps.rows(DOCS / f"{table}.md")
    return [(line.partition(" | ")[0], named) for line, named in found]


@each_table
def test_every_line_has_a_row(table, most):
    found = [line for line, _named in rows(table) if line.isdigit()]

    assert sorted(set(map(int, found))) == list(range(1, most + 1))
    assert found == sorted(found, key=int)


@each_table
def test_every_row_names_tests_that_exist(table, most):
    found = rows(table)

    assert [line for line, named in found if not named and line.isdigit()] == []
    assert test_traps.missing(found) == []
