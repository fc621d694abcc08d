"""In: what editors wrote for a mailing. Out: what the engine renders, and what is in its way.

A page that is not live, or not for the people the mailing goes to, stands in no mail; the findings
say which, and nothing is proposed before it is taken out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any
from uuid import UUID

from bs4 import BeautifulSoup
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, override
from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import SourceImageIOError
from wagtail.rich_text import expand_db_html

from alumni.models import Project
from cms import published
from cms.audiences import MEMBERS, PUBLIC, RUN
from cms.models import Dispatch, Manuscript
from cms.models.manuscripts import dispatch_of, last_mailing_before
from cms.page_entries import Told
from newsletters.checks import Finding
from newsletters.sources import (
    Button,
    Divider,
    Figure,
    Part,
    Picture,
    Words,
    Written,
)

PICKED = {"story", "call"}
WIDE = "width-1136|format-jpeg|jpegquality-72"
"""Twice the column, for sharp screens; mail programs show JPEG everywhere."""
COLUMN = 568


@dataclass
class Made:
    """What becomes of the blocks of one language."""

    parts: list[Part] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def written(reference: str) -> list[Written] | None:
    """Each complete language of a mailing that editors write; None for what they do not."""
    dispatch = dispatch_of(reference)
    if dispatch is None:
        return None
    rows = dispatch.manuscripts.order_by("pk")
    return [as_written(row) for row in rows if row.is_complete]


def as_written(manuscript: Manuscript) -> Written:
    """What would leave, of what stands in the form now, saved or not."""
    made = _make(manuscript)
    return Written(
        language=manuscript.language,
        subject=manuscript.subject,
        preheader=manuscript.preheader,
        parts=tuple(made.parts),
        holds=tuple(dict.fromkeys(made.holds)),
    )


def findings(manuscript: Manuscript) -> list[Finding]:
    """What is in the way of its blocks: pages that are not for these readers, facts gone stale."""
    return _make(manuscript).findings


def _make(manuscript: Manuscript) -> Made:
    language, made = manuscript.language, Made()
    blocks = list(manuscript.body)
    picked = {
        block.value.translation_key
        for block in blocks
        if block.block_type in PICKED and block.value is not None
    }
    newest = _newest(manuscript.dispatch, blocks, picked)
    told = published.told([*picked, *newest], language)
    leaves = manuscript.dispatch.not_before or timezone.now()
    for block in blocks:
        kind, value = block.block_type, block.value
        if kind in PICKED:
            if value is None:
                text = gettext("A page that was picked is gone: take it out, or pick another.")
                made.findings.append(_block("gone", text, language))
            else:
                _tell(made, value, told.get(value.translation_key), manuscript, leaves)
        elif kind == "newest":
            most = value["most"] or 0
            some, newest = newest[:most], newest[most:]
            for key in some:
                if key in told:
                    made.parts.append(told[key].entry)
                    made.holds += told[key].holds
            if not some:
                text = gettext("No story is new since the last mailing, so none stands there.")
                made.findings.append(Finding("nothing_new", "warn", text, language))
        else:
            with override(language):
                made.parts += _parts(kind, value, language)
    return made


def _newest(dispatch: Dispatch, blocks: Iterable[Any], picked: set[UUID]) -> list[UUID]:
    """Keys for all blocks that ask for the newest, none that is picked; no query without one."""
    most = sum(block.value["most"] or 0 for block in blocks if block.block_type == "newest")
    if not most:
        return []
    since = last_mailing_before(dispatch.newsletter)
    found = published.newest_stories(since, timezone.now())
    return [key for key in found if key not in picked][:most]


def _tell(
    made: Made,
    page: Any,
    told: Told | None,
    manuscript: Manuscript,
    leaves: dt.datetime,
) -> None:
    language, title = manuscript.language, page.title
    if told is None:
        text = gettext("“%(title)s” is not published: publish it, or take it out.")
        if page.live:
            text = gettext("“%(title)s” names or shows somebody who is hidden now: take it out.")
        made.findings.append(_block("not_live", text % {"title": title}, language))
        return
    entry = told.entry
    if not is_for(entry.audience, manuscript.dispatch.criteria):
        text = gettext("“%(title)s” is not for everybody this mailing goes to: take it out.")
        made.findings.append(_block("not_for_them", text % {"title": title}, language))
        return
    made.parts.append(entry)
    made.holds += told.holds
    if entry.deadline is None:
        return
    day = timezone.localdate(leaves)
    if entry.deadline < day:
        text = gettext("“%(title)s” is over before the mailing leaves: take it out.")
        made.findings.append(_block("over", text % {"title": title}, language))
    elif entry.deadline < day + dt.timedelta(days=2):
        text = gettext("“%(title)s” is over within two days of the mailing: few will be in time.")
        made.findings.append(Finding("soon_over", "warn", text % {"title": title}, language))


def is_for(audience: str, criteria: dict[str, Any]) -> bool:
    """Whether everybody the criteria choose belongs to the audience of a page."""
    if audience == PUBLIC:
        return True
    runs, roles = criteria.get("runs", []), criteria.get("roles", [])
    if audience == MEMBERS:
        return bool(runs or roles)
    return bool(runs) and {f"{RUN}{slug}" for slug in runs} == {audience}


def _parts(kind: str, value: Any, language: str) -> Iterator[Part]:
    """One block that tells of no page."""
    if kind == "text":
        html = expand_db_html(value.source)
        yield Words(_whole_links(html), plain(html))
    elif kind == "heading":
        yield Words(f"<h2>{escape(value)}</h2>", value)
    elif kind == "quotation":
        said, speaker = value["words"], value["speaker"]
        lines = "".join(f"<p>{escape(line)}</p>" for line in said.splitlines() if line.strip())
        named = f"<p>{escape(speaker)}</p>" if speaker else ""
        yield Words(
            f"<blockquote>{lines}{named}</blockquote>",
            gettext("“%(words)s”") % {"words": said} + (f"\n{speaker}" if speaker else ""),
        )
    elif kind == "picture":
        yield from _figure(value, language)
    elif kind == "button":
        url = _in(value["page"], language) if value["page"] else value["url"]
        if url:
            yield Button(value["label"], url)
    elif kind == "divider":
        yield Divider()
    elif kind == "acknowledgement":
        project = Project.objects.filter(slug=value).first()
        words = project.acknowledgement.in_language(language) if project else ""
        if words:
            yield Words(f"<p>{escape(words)}</p>", words)


def _figure(value: Any, language: str) -> Iterator[Part]:
    picture = value["picture"]
    if picture is None:
        return
    try:
        drawn = picture.get_rendition(WIDE)
    except (SourceImageIOError, InvalidFilterSpecError, OSError):
        return
    url = drawn.url if drawn.url.startswith("http") else settings.SITE_URL + drawn.url
    height = round(drawn.height * COLUMN / drawn.width)
    alt = getattr(picture, "contextual_alt_text", "") or ""
    yield Figure(Picture(url, COLUMN, height, {language: alt} if alt else {}), value["caption"])


def _in(page: Any, language: str) -> str:
    """A page's address, in the reader's language where it is translated; empty when not live."""
    page = page.specific
    if not page.live:
        return ""
    same = type(page)._default_manager.filter(translation_key=page.translation_key, live=True)
    other = same.filter(locale__language_code=language).first()
    return str((other or page).full_url or "")


def _whole_links(html: str) -> str:
    return re.sub(r'href="/', f'href="{settings.SITE_URL}/', html)


def plain(html: str) -> str:
    """An editor's paragraphs as plain text: a link as its words and its address behind them."""
    page = BeautifulSoup(_whole_links(html), "html.parser")
    for link in page.find_all("a"):
        words, url = link.get_text(), str(link.get("href") or "")
        link.replace_with(f"{words} ({url})" if url and url != words else words)
    for number, item in _numbered(page):
        item.insert(0, number)
        item.append("\n")
    for block in page.find_all(["p", "h2", "h3", "ul", "ol", "br"]):
        block.append("\n\n" if block.name != "br" else "\n")
    return page.get_text().strip()


def _numbered(page: BeautifulSoup) -> Iterator[tuple[str, Any]]:
    for found in page.find_all(["ul", "ol"]):
        for n, item in enumerate(found.find_all("li", recursive=False), 1):
            yield (f"{n}. " if found.name == "ol" else "• "), item


def _block(code: str, text: str, language: str) -> Finding:
    return Finding(code, "block", text, language)
