"""The mailbox's HTML: in come mails, out come escaped pieces of a page."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from html import escape
from itertools import islice
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from localmail.mails import CLIP_BYTES, Mail

WARN_BYTES = 80 * 1024
MOST_PEOPLE = 40
CLOCK = "LOCALMAIL_CLOCK"
"""In the environment: the time zone of all times on the pages."""


def page(title: str, main: str) -> bytes:
    """A whole page around its main part."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="stylesheet" href="/static/mailbox.css">
<link rel="icon" href="data:,">
<script src="/static/mailbox.js" defer></script>
</head>
<body>
<a class="skip button" href="#main">Skip to the mail</a>
<header class="head"><div class="stage">
<a class="name" href="/">The mailbox</a>
<p class="quiet">Every mail this site has sent. None of it has left this machine. {clock()}</p>
</div></header>
<main id="main" class="stage">
{main}
</main>
</body>
</html>
""".encode()


def clock() -> str:
    """Whose time the page tells, where it is not the machine's."""
    zone = _zone()
    return f"Times are those of {escape(zone.key)}." if zone else ""


def _zone() -> ZoneInfo | None:
    """What `--clock` named; the machine's own time without it."""
    name = os.environ.get(CLOCK, "")
    return ZoneInfo(name) if name else None


def address(path: str, **query: object) -> str:
    """An address for an attribute, without empty values."""
    filled = {key: value for key, value in query.items() if value not in ("", None)}
    return escape(f"{path}?{urlencode(filled)}" if filled else path)


def moment(at: dt.datetime, *, full: bool = False) -> str:
    """The time of day by our clock, with the day unless it is today."""
    here, today = at.astimezone(_zone()), dt.datetime.now(_zone()).date()
    words = f"{here:%H:%M}" if here.date() == today else f"{here.day} {here:%b %H:%M}"
    if full:
        words = f"{here.day} {here:%B %Y, %H:%M:%S}"
    return f'<time datetime="{here.isoformat()}">{words}</time>'


def weight(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{size / 1024:.1f} KB" if size < 100 * 1024 else f"{size / 1024:.0f} KB"


def subject(mail: Mail) -> str:
    """The subject, in its own direction."""
    return f'<bdi dir="auto">{escape(mail.subject) or "(no subject)"}</bdi>'


def mail_rows(mails: Iterable[Mail]) -> str:
    """The list of mails."""
    return "\n".join(
        f'<li data-mail="{mail.id}"><a class="mail" href="/mails/{mail.id}">'
        f'<span class="subject">{subject(mail)}</span>'
        f'<span class="to">{escape(mail.to)}</span>'
        f'<span class="when">{moment(mail.received_at)}</span>'
        f'<span class="weight{" bad" if mail.html_size > CLIP_BYTES else ""}">'
        f"{weight(mail.html_size or len(mail.raw))}</span></a></li>"
        for mail in mails
    )


def people(counts: dict[str, int], chosen: str) -> str:
    """Who has mail, the newest MOST_PEOPLE: each name opens that person's mailbox."""
    if not counts:
        return ""
    rows = [_person("", "Everybody", sum(counts.values()), chosen)]
    rows += [_person(to, to, count, chosen) for to, count in islice(counts.items(), MOST_PEOPLE)]
    return f"<h2>Who has mail</h2><ul>{''.join(rows)}</ul>"


def _person(to: str, label: str, count: int, chosen: str) -> str:
    current = ' aria-current="page"' if to == chosen else ""
    return (
        f'<li><a href="{address("/", to=to)}"{current}><span>{escape(label)}</span>'
        f"<span>{count}</span></a></li>"
    )


def count(total: int) -> str:
    """How many mails the list holds."""
    if total == 0:
        return "Nothing here yet"
    return "One mail" if total == 1 else f"{total:,} mails, the newest first"


def pages(to: str, number: int, *, more: bool) -> str:
    """The ways to newer and older mail."""
    links = ""
    if number > 1:
        links += f'<a class="button" href="{address("/", to=to, page=number - 1)}">Newer</a>'
    if more:
        links += f'<a class="button" href="{address("/", to=to, page=number + 1)}">Older</a>'
    return f'<nav class="pages" aria-label="More mail">{links}</nav>' if links else ""


def person(name: str, address: str) -> str:
    """A name in its own direction, then the address."""
    return f"<bdi>{escape(name)}</bdi> &lt;{escape(address)}&gt;" if name else escape(address)


def choice(kind: str, label: str, options: Iterable[tuple[str, str, bool]]) -> str:
    """A row of links, one of which is where we are."""
    links = "".join(
        f'<a href="{href}"{" aria-current=true" if current else ""}>{escape(words)}</a>'
        for href, words, current in options
    )
    return f'<nav class="{kind}" aria-label="{escape(label)}">{links}</nav>'


def scale(size: int) -> str:
    """The HTML's weight beside the line at which Gmail clips, with the same in words."""
    most = CLIP_BYTES * 1.2
    filled = min(size / most, 1) * 100
    line = CLIP_BYTES / most * 100
    kind = "filled" if size < WARN_BYTES else "too-much"
    if size > CLIP_BYTES:
        words = '<p class="bad">Gmail hides the end of this mail, and the way out with it.</p>'
    elif size >= WARN_BYTES:
        words = '<p class="bad">This is close to the line: shorten the mail.</p>'
    else:
        words = ""
    return f"""<p><strong>{weight(size)}</strong> of HTML on the wire. Gmail clips at 102 KB.</p>
<svg class="scale" aria-hidden="true">
<rect class="ground" y="8" width="100%" height="8" rx="4"/>
<rect class="{kind}" y="8" width="{max(filled, 1.5):.1f}%" height="8" rx="4"/>
<line x1="{line:.1f}%" x2="{line:.1f}%" y1="2" y2="22"/>
</svg>
{words}"""


def header_table(headers: Iterable[tuple[str, str]]) -> str:
    """All headers, in order."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f'<td><bdi dir="auto">{escape(value)}</bdi></td></tr>'
        for name, value in headers
    )
    return f'<table class="headers">{rows}</table>'
