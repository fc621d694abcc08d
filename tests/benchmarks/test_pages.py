"""What `make pages` makes of Lighthouse's reports and of the checker's words."""

import json

import pytest

from benchmarks import lighthouse, support
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


def supported(tmp_path, **said):
    """caniemail's data: what every client of every program says of each feature."""
    clients = [client.split(".") for some in support.PROGRAMS.values() for client in some]

    def stats(answer):
        found = {}
        for family, platform in clients:
            found.setdefault(family, {})[platform] = {"2019": "n", "2026": answer}
        return found

    rows = [{"slug": slug.replace("_", "-"), "stats": stats(how)} for slug, how in said.items()]
    data = tmp_path / "caniemail.json"
    data.write_text(json.dumps({"data": rows}))
    return data


def test_what_a_program_does_not_show_needs_a_fallback(tmp_path):
    data = supported(tmp_path, css_border_radius="n #1", css_gap="a #2", html_p="y")

    found = support.look(
        ['<p style="gap:1px;border-radius:2px">', "<!--[if mso]><p style='grid:1'><![endif]-->"],
        data=data,
    )

    assert [one.faults() for one in found] == [
        [f"{program}: css-gap is not shown and has no fallback"] for program in support.PROGRAMS
    ]
    assert support.table(found)[1] == ("Gmail", "3", "1", "1", "1", "1")


def test_features_are_read_from_head_and_body():
    found = support.features(
        "<!doctype html><style>@media (prefers-color-scheme:dark){.a>b, i[x] c{color:red!important}"
        "}</style><table role='presentation'><td style='margin-left:1em;display:none'>"
        "<img src='a.jpeg'>"
    )

    assert found >= {
        *("html-doctype", "html-style", "html-table", "html-role", "image-jpg", "css-unit-em"),
        *("css-at-media", "css-at-media-prefers-color-scheme", "css-important", "css-margin"),
        *("css-selector-class", "css-selector-child", "css-selector-attribute", "css-display-none"),
        *("css-selector-descendant", "css-selector-type", "css-selector-grouping"),
    }
