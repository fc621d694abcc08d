"""Every kind of page of the demonstration, walked as `make pages` walks it, but without Java."""

from __future__ import annotations

import pytest

from cms.management.commands.demo import PASSWORD
from config.local.visitor import DOORS, OWN, Visitor, written_out
from tests.pagecheck import faults

LANGUAGES = ("en", "ar")
FRAME = '<html lang="en" dir="ltr"><head><title>A</title></head><body><main>{}</main></body></html>'


@pytest.mark.slow
def test_every_page_is_valid(live):
    live.start_web()
    stranger, member = Visitor(live.site.url), Visitor(live.site.url)
    member.sign_in("wanjiru@example.org", PASSWORD)
    ((key,),) = live.sql(
        "SELECT reader.key FROM newsletters_subscriber reader JOIN newsletters_subscription x"
        " ON x.subscriber_id = reader.id AND x.state = 'confirmed' ORDER BY reader.id LIMIT 1"
    )

    paths = [*stranger.tree(*LANGUAGES), *written_out(DOORS, *LANGUAGES), f"/n/p/{key}/"]
    pages = [stranger.get(path) for path in paths]
    pages += stranger.linked(pages, *LANGUAGES)
    pages += [member.get(path) for path in written_out(OWN, *LANGUAGES)]
    pages += member.linked(pages, *LANGUAGES)

    assert len(pages) > 140
    assert [page.address for page in pages if page.status >= 500] == []
    assert [(page.address, fault) for page in pages for fault in faults(page.text)] == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<h1>A</h1><p id=a></p><p id=a></p>", "id 'a' stands 2 times"),
        ("<h1>A</h1><h3>B</h3>", "h3 after h1"),
        ("<p>A</p>", "0 h1"),
        ("<h1>A</h1><input name=q>", "input 'q' has no label"),
        ("<h1>A</h1><label for=q>B</label>", "label for='q' leads nowhere"),
        ("<h1>A</h1><a href=/><button>B</button></a>", "button in a"),
        ("<h1>A</h1><a href=/x></a>", "a '/x' has no name"),
        ("<h1>A</h1><table><tr><th><h2>B</h2></th></tr></table>", "h2 in th"),
        ("<h1>A <span role=status>B</span></h1>", "a live part in a heading"),
        (
            "<h1>A</h1><time datetime=2026-11-27T14:08:18.836196+02:00>B</time>",
            "time datetime='2026-11-27T14:08:18.836196+02:00'",
        ),
        ("<h1>A</h1><img src=/a.png>", "img '/a.png' has no alt"),
    ],
)
def test_a_fault_is_said(body, fault):
    assert fault in faults("<!doctype html>" + FRAME.format(body))


def test_a_page_that_is_right_has_no_fault():
    right = FRAME.format("<h1>A</h1><label for=q>B</label><input id=q name=q>")

    assert faults("<!doctype html>" + right) == []


def test_an_arabic_page_that_runs_from_the_left_is_said():
    left = FRAME.format("<h1>A</h1>").replace('lang="en"', 'lang="ar"')

    assert faults("<!doctype html>" + left, "ar") == ["dir is 'ltr' in 'ar'"]
