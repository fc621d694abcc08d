"""The way from a page or screen to the same in another language."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import (
    get_language,
    get_language_from_path,
    get_language_info,
)

from cms import places


@dataclass(frozen=True)
class LanguageLink:
    """The way to another language."""

    code: str
    name: str
    """What the language calls itself."""
    url: str
    direction: str
    current: bool
    same_page: bool
    """False: this page does not exist in that language; the link leads to the page all the same,
    with everything around its text in that language, or else to the home page."""


@dataclass(frozen=True)
class Spoken:
    """The language of a text that stands in a page of another one."""

    code: str
    name: str
    """In the language of the page."""
    direction: str


def spoken(code: str, language: str) -> Spoken | None:
    """What a text needs to say of itself in a page of another language; None in its own."""
    if code == language:
        return None
    direction = "rtl" if get_language_info(code)["bidi"] else "ltr"
    return Spoken(code, places.language_name(code, language), direction)


def links_of_a_screen(request: HttpRequest) -> list[LanguageLink]:
    """Sign-in, preferences …: the same screen in each language; none without a language in its
    address, because what it says is in the reader's language anyway."""
    if get_language_from_path(request.path_info) is None:
        return []
    path = request.get_full_path()
    return links({code: translate_url(path, code) for code, _name in settings.LANGUAGES})


def links(addresses: dict[str, str], otherwise: str = "/{code}/") -> list[LanguageLink]:
    """One link a language: to the address given, else to the other one, by default its home."""
    current = get_language()
    made = []
    for code, _name in settings.LANGUAGES:
        info = get_language_info(code)
        made.append(
            LanguageLink(
                code=code,
                name=info["name_local"],
                url=addresses.get(code) or otherwise.format(code=code),
                direction="rtl" if info["bidi"] else "ltr",
                current=code == current,
                same_page=bool(addresses.get(code)),
            )
        )
    return made
