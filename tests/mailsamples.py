"""Entries and a newsletter to render mails from, without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from newsletters.pipeline import headers, render
from newsletters.sources import Entry, Picture, Text

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
WORDS = {
    "en": ("Country experiences", "Your reading", "What colleagues tried, and what is open now."),
    "ar": ("تجارب البلدان", "قراءاتك", "ما جرّبه الزملاء، وما هو مفتوح الآن."),
}
KENYA = {
    "en": ("Kenya", "A border post learns to ask first", "Officers begin with three questions."),
    "ar": ("كينيا", "نقطة حدودية تتعلم أن تسأل أولًا", "يبدأ الضباط بثلاثة أسئلة وكوب ماء."),
}
MALI = {
    "en": ("Mali", "Reading the ledger before the raid", "What mobile-money records told."),
    "ar": ("مالي", "قراءة الدفتر قبل المداهمة", "ما روته سجلات المال عبر الهاتف المحمول."),
}
CALL = {
    "en": ("Call", "Two weeks for trainers of trainers", "Twelve places; travel is covered."),
    "ar": ("دعوة", "أسبوعان لمدرّبي المدرّبين", "اثنا عشر مقعدًا، والسفر مغطّى."),
}


def newsletter(**changes: Any) -> Any:
    """What render asks of a Newsletter, from words alone."""

    def wording(language: str) -> Any:
        name, plain_name, description = WORDS.get(language, WORDS["en"])
        return SimpleNamespace(name=name, plain_name=plain_name, description=description)

    values = {
        "slug": "country-experiences",
        "kind": "digest",
        "from_email": "news@news.example.org",
        "reply_to": "desk@news.example.org",
        "postal_address": "1 Example Street\nCairo, Egypt",
        "list_id": "stories.news.example.org",
        "wording": wording,
    }
    return SimpleNamespace(**(values | changes))


def text(language: str, words: dict[str, tuple[str, str, str]], **changes: Any) -> Text:
    """One language of a story."""
    kicker, title, standfirst = words[language]
    values = {
        "language": language,
        "title": title,
        "standfirst": standfirst,
        "url": f"{settings.SITE_URL}/{language}/stories/{title.replace(' ', '-')}/",
        "mailable_at": NOW,
        "kicker": kicker,
    }
    return Text(**(values | changes))


def entry(
    words: dict[str, tuple[str, str, str]] = KENYA,
    *,
    languages: tuple[str, ...] = ("en", "ar"),
    picture: bool = False,
    audience: str = "public",
    deadline: dt.date | None = None,
    **changes: Any,
) -> Entry:
    """A story; `changes` go to its texts."""
    alt = {"en": "A road and a gate", "ar": "طريق وبوابة"}
    drawn = Picture(url=f"{settings.SITE_URL}/media/p.png", width=1136, height=568, alt=alt)
    return Entry(
        key=f"story:{words['en'][1]}",
        kind="story",
        texts=tuple(text(language, words, **changes) for language in languages),
        interests=frozenset({"all"}),
        audience=audience,
        deadline=deadline,
        picture=drawn if picture else None,
    )


class Composed(NamedTuple):
    """A digest as it is checked: a reader's keys are still to come."""

    mail: render.Rendered
    subject: str
    preheader: str
    language: str
    newsletter: Any


def composed(
    *entries: Entry,
    language: str = "en",
    discreet: bool = False,
    pieces: Sequence[render.Rendered] = (),
    **changes: Any,
) -> Composed:
    """A digest of entries: a card for each, or of these pieces."""
    texts = [one.text_for([language, "en", "ar"]) for one in entries]
    letter = newsletter(**changes)
    whom = {"newsletter": letter, "language": language, "discreet": discreet}
    archive_url = f"{settings.SITE_URL}/{language}/newsletters/{letter.slug}/2026-44/"
    preheader = headers.preheader(**whom, texts=texts)
    mail = render.compose(
        frame=render.frame(**whom, archive_url=archive_url),
        fragments=pieces
        or [
            render.fragment(entry=one, text=chosen, language=language)
            for one, chosen in zip(entries, texts, strict=True)
            if chosen
        ],
        preheader=preheader,
    )
    return Composed(mail, headers.subject(**whom, texts=texts), preheader, language, letter)


def digest(
    *entries: Entry, language: str = "en", discreet: bool = False, **changes: Any
) -> EmailMultiAlternatives:
    """A digest of entries as one person gets it."""
    made = composed(*entries, language=language, discreet=discreet, **changes)
    mail, letter = made.mail, made.newsletter
    whom = {"newsletter": letter, "language": language, "discreet": discreet}
    html, plain = (
        part.replace(render.UNSUBSCRIBE, "Unsub5cribe").replace(render.PREFERENCES, "Pre4erences")
        for part in (mail.html, mail.text)
    )
    message = EmailMultiAlternatives(
        subject=made.subject,
        body=plain,
        from_email=headers.sender(**whom),
        to=["reader@example.net"],
        reply_to=[letter.reply_to],
        headers=headers.list_headers(
            **whom, unsubscribe_url=f"{settings.SITE_URL}/n/u/Unsub5cribe/"
        ),
    )
    message.attach_alternative(html, "text/html")
    return message
