"""Issues as everybody may read them later. In: a language. Out: issues with their public parts.

A mail is made for one reader and one mail program; what stands here is made for all, so nothing of
a reader's own, and nothing that only mail programs need, comes along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import nh3
from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.safestring import SafeString, mark_safe

from newsletters.models import Batch, Edition, Fragment, Issue, Newsletter

TAGS = {
    "p", "br", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "blockquote", "hr", "img",
}  # fmt: skip
SPOKEN = {"lang", "dir"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "p": SPOKEN,
    "h2": SPOKEN,
    "h3": SPOKEN,
}
OWN = re.compile(r"<a\b[^>]*[\ue000-\ue0ff][^>]*>.*?</a>", re.DOTALL)
"""A link that is each reader's own: its address holds the place of a key."""
PLACES = re.compile("[\ue000-\ue0ff]+[a-z]?[\ue000-\ue0ff]*")
EMPTY = re.compile(r"<(p|h2|h3|li|strong|em|a)\b[^>]*>(?:\s|&nbsp;)*</\1>")


def address(newsletter: Newsletter, language: str, key: str = "") -> str:
    """Where an issue is read in a browser; without a key, where all of them are."""
    whole = f"{settings.SITE_URL}/{language}/newsletters/"
    return f"{whole}{newsletter.slug}/{key}/" if key else whole


def archived(language: str, *, with_words: bool = False) -> QuerySet[Issue]:
    """Issues that reached somebody, with their public `cards` in a language, newest first.

    What was taken down since, or is no longer for everyone, is on no card; what asks people about
    themselves is in no archive at all. The words of the cards are loaded only where asked for.
    """
    cards = public_cards().filter(language=language)
    own = {"issue": OuterRef("pk")}
    reached = Batch.objects.filter(state=Batch.State.ACCEPTED, **own)
    fields = ["issue", "title", "url", *(["html"] if with_words else [])]
    return (
        Issue.objects.filter(Exists(cards.filter(**own)), Exists(reached), step=None)
        .select_related("newsletter")
        .prefetch_related(
            "newsletter__wordings",
            Prefetch("fragments", cards.only(*fields).order_by("pk"), to_attr="cards"),
        )
        .order_by("-cutoff_at", "-pk")
    )


def public_cards() -> QuerySet[Fragment]:
    """What may stand in the archive, in every language, each once: a card has several forms."""
    own_forms = {name: OuterRef(name) for name in ("issue", "language", "entry")}
    earlier = Fragment.objects.filter(**own_forms, pk__lt=OuterRef("pk"))
    shown = Fragment.objects.filter(is_public=True, withdrawn_at=None).exclude(entry="")
    return shown.exclude(Exists(earlier))


def is_public(issue_id: int) -> bool:
    """Whether the archive shows something of an issue, in whatever language."""
    of_it = Issue.objects.filter(pk=issue_id, step=None)
    return of_it.filter(Exists(public_cards().filter(issue=OuterRef("pk")))).exists()


def words_told(entry_key: str) -> list[str]:
    """What cards of an entry, and written mailings that tell of it, say as they were drawn up;
    not what was taken down since."""
    told = Q(entry__startswith=f"{entry_key}@")
    names = [f"{entry_key}@{code}" for code, _name in settings.LANGUAGES]
    written = Edition.objects.filter(
        holds__overlap=names, issue=OuterRef("issue"), language=OuterRef("language")
    )
    rows = Fragment.objects.filter(told | Exists(written), withdrawn_at=None)
    return [text for row in rows.values_list("title", "html") for text in row]


def languages_of(issue: Issue) -> list[str]:
    """The languages of the site in which the archive shows it."""
    found = set(public_cards().filter(issue=issue).values_list("language", flat=True))
    return [code for code, _name in settings.LANGUAGES if code in found]


def written_words(issue: Issue) -> list[SafeString]:
    """What editors wrote, for a page of the site; nothing for a digest, which has cards."""
    if issue.kind != Newsletter.Kind.WRITTEN:
        return []
    cards: Iterable[Fragment] = issue.cards  # type: ignore[attr-defined]
    return [words_of(card.html) for card in cards]


def words_of(html: str) -> SafeString:
    """The words of a mail's piece without its layout, its styles and what is a reader's own."""
    kept = nh3.clean(
        OWN.sub("", html),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_own_pictures,
        url_schemes={"https", "http"},
        link_rel=None,
    )
    kept = PLACES.sub("", kept)
    while (fewer := EMPTY.sub("", kept)) != kept:
        kept = fewer
    return mark_safe(kept.strip())  # noqa: S308  (cleaned above)


def _own_pictures(tag: str, attribute: str, value: str) -> str | None:
    """Pictures come from our own host, or not at all."""
    if (tag, attribute) == ("img", "src") and not value.startswith(f"{settings.SITE_URL}/"):
        return None
    if attribute in {"width", "height"} and not value.isdigit():
        return None  # mail programs take "auto", pages do not
    return value
