"""Texts of a story that whoever tries the site copies into the form: the pack's own, invented."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext

from alumni.vocabulary import country_name, language_now
from cms import places

SHORT = 100
"""Letters beyond which a text is given more than a line or two."""


@dataclass(frozen=True)
class Ready:
    """One text, for one line of the form."""

    key: str
    """Unlike the others' of the page."""
    label: str
    text: str
    code: str
    """Its language."""
    direction: str

    @property
    def rows(self) -> int:
        """How high the field is in which it stands."""
        return 2 if len(self.text) < SHORT else 5


@dataclass(frozen=True)
class ReadyStory:
    """All that one needs for a story: in which language, about which country, and the texts."""

    language: str
    country: str
    texts: tuple[Ready, ...]


def story() -> ReadyStory | None:
    """In the order of the form; None in a pack without one."""
    found = settings.PACK.demonstration(timezone.localdate())
    if found is None or not found.ready:
        return None
    name, plan = next(iter(found.ready.items()))
    code, whole = next(iter(plan.texts.items()))
    texts = [
        _one(f"{name}-title", gettext("Title"), whole.title, code),
        _one(f"{name}-standfirst", capfirst(gettext("standfirst")), whole.standfirst, code),
        _one(f"{name}-text", gettext("Text"), "\n\n".join(whole.body), code),
    ]
    for language, short in plan.short.items():
        spoken = places.language_name(language, language_now())
        title = gettext("Short translation, %(language)s: title") % {"language": spoken}
        standfirst = gettext("Short translation, %(language)s: standfirst") % {"language": spoken}
        texts += [
            _one(f"{name}-{language}-title", title, short.title, language),
            _one(f"{name}-{language}-standfirst", standfirst, short.standfirst, language),
        ]
    return ReadyStory(
        language=places.language_name(code, language_now()),
        country=country_name(plan.countries[0], language_now()),
        texts=tuple(texts),
    )


def _one(key: str, label: str, text: str, code: str) -> Ready:
    direction = "rtl" if get_language_info(code)["bidi"] else "ltr"
    return Ready(key, label, text, code, direction)
