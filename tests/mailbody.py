"""The lines of the mail checklist about the two parts: HTML as a reader and a client meet it, text.

In: HTML and text as decoded. Out: a sentence for each fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from django.conf import settings

from newsletters.checks.body import ACTIVE, GENERIC, ONE_SIDED
from newsletters.checks.sight import (
    contrast,
    height,
    is_words,
    plain,
    shown,
    style_of,
    visible,
)

LOCAL_HOSTS = {"testserver", "localhost", "127.0.0.1"}


def language_of(html: str) -> str:
    """The language the root declares."""
    found = re.search(r"<html[^>]*\slang=\"([^\"]+)\"", html)
    return found.group(1) if found else ""


def faults(html: str, text: str, *, bulk: bool) -> Iterator[str]:
    """Each fault of the two parts."""
    page = BeautifulSoup(html, "html.parser")
    yield from _forbidden(page, html)
    yield from _head(page)
    yield from _directions(page)
    yield from _structure(page)
    yield from _images(page)
    yield from _links(page, text)
    yield from sorted(set(_legibility(page)))
    yield from _preheader(page)
    yield from _text_part(page, text)


def ways_out(html: str, text: str, unsubscribe: str) -> Iterator[str]:
    """What the footer of bulk mail must have."""
    links = {str(link["href"]) for link in BeautifulSoup(html, "html.parser").select("a[href]")}
    if unsubscribe not in links:
        yield "the HTML has no link to the address of List-Unsubscribe"
    if unsubscribe not in text:
        yield "the text has not the address of List-Unsubscribe"
    # A question is the reader's own: its web page is where its buttons lead, no archive has it.
    web = "/n/go/" if "/n/go/" in html else "/newsletters/"
    for path, name in (("/n/p/", "preferences"), (web, "view in browser")):
        if not any(path in link for link in links) or path not in text:
            yield f"the footer has no link: {name}"
    pack = settings.PACK
    centre = pack.name_of(pack.centre_name, language_of(html))
    for part, content in (("HTML", visible(BeautifulSoup(html, "html.parser"))), ("text", text)):
        if plain(centre) not in plain(content):
            yield f"the {part} does not say who sends"


def address_faults(address: str, where: str) -> Iterator[str]:
    """Whether an address is absolute, https and ours."""
    parts = urlsplit(address)
    own = urlsplit(settings.SITE_URL).hostname
    if parts.scheme == "mailto":
        return
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS):
        yield f"{where} is not an absolute https address: {address!r}"
    elif parts.hostname != own:
        yield f"{where} leads to another host: {address!r}"


def _forbidden(page: BeautifulSoup, html: str) -> Iterator[str]:
    for tag in page.find_all(ACTIVE):
        yield f"<{tag.name}> has no place in a mail"
    if re.search(r"\sdata:|[\"'(]data:", html, re.IGNORECASE):
        yield "a data: address stands in it"
    if re.search(r"@import|url\(|https?://fonts\.", html):
        yield "a style fetches something"
    if re.search(r"<[^>]+\son\w+=|javascript:", html, re.IGNORECASE):
        yield "a script hides in an attribute"
    if re.search(r"<mj-?", html):
        yield "MJML is left in it"


def _head(page: BeautifulSoup) -> Iterator[str]:
    for style in page.find_all("style"):
        if len(style.get_text().encode()) >= 8 * 1024:
            yield "a <style> has 8 KB or more: Gmail drops it"
    styles = " ".join(style.get_text() for style in page.find_all("style"))
    if "prefers-color-scheme" not in styles or not page.select("meta[name=color-scheme]"):
        yield "it says nothing about dark mode"
    if not page.title or not page.title.get_text(strip=True):
        yield "it has no title"


def _directions(page: BeautifulSoup) -> Iterator[str]:
    for tag in page.find_all(["html", "div", "td"]):
        if not (tag.get("lang") and tag.get("dir")):
            yield f"<{tag.name}> has not lang and dir: {str(tag)[:90]}"
            return
    for tag in page.find_all(True):
        nearest = tag if tag.get("dir") else tag.find_parent(attrs={"dir": True})
        if not nearest or nearest["dir"] != "rtl":
            continue
        if tag.get("align") == "left" or ONE_SIDED.search(str(tag.get("style", ""))):
            yield f"one-sided in right-to-left: {str(tag)[:120]}"


def _structure(page: BeautifulSoup) -> Iterator[str]:
    if len(page.find_all("h1")) != 1:
        yield f"it has {len(page.find_all('h1'))} h1, not one"
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile("^h[1-6]$"))]
    if any(after > before + 1 for before, after in zip([0, *levels], levels, strict=False)):
        yield f"headings skip a level: {levels}"
    for table in page.find_all("table"):
        if table.get("role") != "presentation":
            yield "a layout table is not role=presentation"
            return


def _images(page: BeautifulSoup) -> Iterator[str]:
    for image in page.find_all("img"):
        if image.get("alt") is None or (image.find_parent("a") and not image["alt"].strip()):
            yield f"a picture has no alt: {image.get('src')}"
        if not image.get("width"):
            yield f"a picture has no width: {image.get('src')}"
        if image.get("width") in {"0", "1"}:
            yield f"a picture is a tracker: {image.get('src')}"
        yield from address_faults(str(image.get("src", "")), "a picture's address")


def _in_a_sentence(link: Tag) -> bool:
    """Words stand beside it on its line: such a link is as high as its line (WCAG 2.5.8)."""
    beside = link.parent.find_all(string=True, recursive=False) if link.parent else []
    return any(words.strip() for words in beside)


def _links(page: BeautifulSoup, text: str) -> Iterator[str]:
    targets: dict[str, str] = {}
    for link in page.find_all("a"):
        address = str(link.get("href", ""))
        yield from address_faults(address, "a link")
        image = link.find("img")
        words = plain(visible(link) or (str(image.get("alt", "")) if image else ""))
        if not words:
            yield f"a link has no words: {address}"
        elif words.strip(".…→← ").lower() in GENERIC or words.startswith("http"):
            yield f"link text makes no sense alone: {words!r}"
        elif targets.setdefault(words, address) != address:
            yield f"two links say {words!r} and lead to different places"
        if address not in text:
            yield f"the text has not the link {address}"
        if not image and not _in_a_sentence(link) and height(link) < 44:
            yield f"a link is {height(link):.0f} px high, not 44: {words!r}"


def _legibility(page: BeautifulSoup) -> Iterator[str]:
    for words, look in shown(page):
        if look.size < 14:
            yield f"text of {look.size:g} px, less than 14: {words!r}"
        ratio = contrast(look.ink, look.paper)
        if ratio < 4.5:
            yield f"contrast {ratio:.1f} of {look.ink} on {look.paper}: {words!r}"


def _preheader(page: BeautifulSoup) -> Iterator[str]:
    hidden = page.find(lambda tag: tag.name == "div" and style_of(tag).get("display") == "none")
    if not hidden:
        yield "it has no preheader"
        return
    before = [w for w in page.body.find_all(string=True) if is_words(w)] if page.body else []
    if not before or before[0].find_parent(lambda tag: tag is hidden) is None:
        yield "the preheader is not the first text"
    line = hidden.get_text()
    length = len(plain(line))
    if not 40 <= length <= 110:
        yield f"the preheader has {length} characters, not 40 to 110: {plain(line)!r}"
    if sum(line.count(filler) for filler in "\u034f\u00ad\u200c") < 60:
        yield "the preheader is not padded: the body leaks into it"
    if hidden.find("a"):
        yield "the preheader is a link"


def _text_part(page: BeautifulSoup, text: str) -> Iterator[str]:
    if re.search(r"</?(p|div|a|br|td|table|span|b)\b[^>]*>", text):
        yield "the text part has HTML tags in it"
    if re.search(r"&(nbsp|amp|lt|gt|quot|#\d+|#x[0-9a-f]+);", text):
        yield "the text part has HTML entities in it"
    if "\n\n\n" in text:
        yield "the text part has holes of empty lines"
    flat = plain(text)
    for heading in page.find_all(re.compile("^h[1-6]$")):
        if plain(visible(heading)).strip("→← ") not in flat:
            yield f"the text has not the heading {plain(heading.get_text())!r}"
