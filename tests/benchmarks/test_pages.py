"""What `make pages` makes of Lighthouse's reports and of the checker's words."""

import pytest

from benchmarks import lighthouse
from benchmarks.lighthouse import CRAWLABLE, Page, read
from config.local.processes import LocalError

HOME = Page("home", "http://localhost/en/")


def report(performance=1.0, pace=1500.4, **failed):
    """A report as Lighthouse writes it, with these audits below their best."""
    audits = {name: {"score": 1, "displayValue": "1.0\xa0s"} for name in lighthouse.TIMES}
    audits |= {"total-byte-weight": {"score": 1, "numericValue": 31_400}}
    audits |= {CRAWLABLE: {"score": 1}, "unscored": {"score": None}}
    audits |= {name: {"score": score} for name, score in failed.items()}
    parts = [{"id": name, "weight": 1} for name in audits]
    categories = {
        name: {"score": performance if name == "performance" else 1, "auditRefs": parts}
        for name in lighthouse.TARGETS
    }
    return {
        "audits": audits,
        "categories": categories,
        "environment": {"benchmarkIndex": pace},
    }


def test_a_page_at_its_targets_has_no_fault():
    found = read(HOME, report(0.98))

    assert found.faults() == []
    assert found.octets == 31_400
    assert lighthouse.table([found])[1] == (
        *("home", "98", "100", "100", "100"),
        *("1.0 s", "1.0 s", "1.0 s", "1.0 s", "31", "1500"),
    )


def test_a_page_below_says_which_and_why():
    found = read(HOME, report(0.97, **{"label": 0}))

    assert found.faults() == ["home: performance 97, to reach 98 (label)"]


def test_a_busy_machine_is_said_beside_what_it_slows():
    found = read(HOME, report(0.5, pace=300, label=0))

    (fault,) = found.faults()
    assert "performance 50" in fault
    assert "too busy or too slow: 300" in fault


def test_a_page_that_is_not_to_be_listed_is_marked():
    kept = Page("directory", "http://localhost/en/members/", listed=False)

    assert lighthouse.table([read(kept, report())])[1][0] == "directory *"


def test_a_page_that_could_not_be_opened_is_said():
    broken = report() | {"runtimeError": {"message": "no page load"}}

    with pytest.raises(LocalError, match="no page load"):
        read(HOME, broken)
