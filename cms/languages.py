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
    """False: this page does not exist in that language; the link leads to its home page."""


def links_of_a_screen(request: HttpRequest) -> list[LanguageLink]:
    """Sign-in, preferences …: the same screen in each language; none without a language in its
    address, because what it says is in the reader's language anyway."""
    if get_language_from_path(request.path_info) is None:
        return []
    path = request.get_full_path()
    return links({code: translate_url(path, code) for code, _name in settings.LANGUAGES})


def links(addresses: dict[str, str]) -> list[LanguageLink]:
    """One link a language: to the address given, else to that language's home page."""
    spoken = get_language()
    made = []
    for code, _name in settings.LANGUAGES:
        info = get_language_info(code)
        made.append(
            LanguageLink(
                code=code,
                name=info["name_local"],
                url=addresses.get(code) or f"/{code}/",
                direction="rtl" if info["bidi"] else "ltr",
                current=code == spoken,
                same_page=bool(addresses.get(code)),
            )
        )
    return made
