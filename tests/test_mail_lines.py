"""Every line of the mail checklist stands in the table, with tests that are there."""

from pathlib import Path

from tests import test_traps

TABLE = Path(__file__).resolve().parents[1] / "docs" / "mail-lines.md"
LINES = range(1, 26)


def rows():
    """(line, [(file, test) …]) of every row."""
    return [(line.partition(" | ")[0], named) for line, named in test_traps.rows(TABLE)]


def test_every_line_has_a_row():
    found = [line for line, _named in rows() if line.isdigit()]

    assert sorted(set(map(int, found))) == list(LINES)
    assert found == sorted(found, key=int)


def test_every_row_names_tests_that_exist():
    found = rows()

    assert [line for line, named in found if not named and line.isdigit()] == []
    assert test_traps.missing(found) == []
