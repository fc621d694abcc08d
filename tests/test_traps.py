"""The table of rules names tests that are there."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
TABLE = TESTS.parent / "docs" / "traps.md"


def rows(table=TABLE):
    """(rule, [(file, test) …]) of every line; a name without a file is in the file before it."""
    for line in table.read_text().splitlines():
        rule, bar, held_by = line.strip("| ").partition(" | ")
        if line.startswith("| ") and bar and held_by != "test":
            file, named = "", []
            for path, test in re.findall(r"`([\w/]*(?:\.py)?)::(\w+)`", held_by):
                file = path or file
                named.append((file, test))
            yield rule, named


def names_in(file):
    found = ast.parse((TESTS / file).read_text()).body
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}


def missing(found):
    """Tests that rows name and that are not there."""
    return [
        f"{file}::{test}"
        for _rule, named in found
        for file, test in named
        if not (TESTS / file).is_file() or test not in names_in(file)
    ]


def test_every_rule_names_a_test_that_exists():
    found = list(rows())

    assert len(found) > 40
    assert [rule for rule, named in found if not named] == []
    assert missing(found) == []
