"""What editors look at before readers do: a page, its cards, its mail, its other languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from cms import page_entries
from cms.contexts import cards
from cms.models import StoryPage, UpdatePage
from newsletters.models import Newsletter
from newsletters.pipeline import render as mails

CARDS, MAIL, IN = "cards", "mail", "in-"


def modes(page: Any) -> list[tuple[str, Any]]:
    """(mode, what the editor chooses); one query, for the page's languages."""
    found: list[tuple[str, Any]] = [("", _("The page"))]
    if isinstance(page, StoryPage | UpdatePage):
        found += [(CARDS, _("In lists, in every language")), (MAIL, _("In a mail"))]
    codes = [other.locale.language_code for other in _others(page)]
    names = vocabulary.language_names(codes)
    return found + [(f"{IN}{code}", name) for code, name in zip(codes, names, strict=True)]


def shown(page: Any, request: HttpRequest, mode: str) -> HttpResponse | None:
    """The page in a mode of its own; None for the page itself."""
    if mode == CARDS and isinstance(page, StoryPage | UpdatePage):
        return _cards(page, request)
    if mode == MAIL and isinstance(page, StoryPage | UpdatePage):
        return _mail(page)
    if mode.startswith(IN):
        for other in _open_to(request.user, page):
            if mode == f"{IN}{other.locale.language_code}":
                draft = other.get_latest_revision_as_object()
                with translation.override(other.locale.language_code):
                    response = draft.serve_preview(request, "")
                    response.render()
                return response
    return None


def _others(page: Any) -> list[Any]:
    """Its translations with a text of their own, live or not."""
    if not page.pk:
        return []
    same = (
        type(page)
        ._default_manager.filter(translation_key=page.translation_key, alias_of=None)
        .exclude(pk=page.pk)
    )
    return list(same.select_related("locale").order_by("pk"))


def _open_to(user: Any, page: Any) -> list[Any]:
    """Those that the colleague may edit: a draft is nobody else's."""
    return [other for other in _others(page) if other.permissions_for_user(user).can_edit()]


def _cards(page: StoryPage | UpdatePage, request: HttpRequest) -> HttpResponse:
    """Its own language, full translations, then short ones."""
    own = page.locale.language_code
    found = [(own, _card(page, request, own))]
    found += [
        (code, _card(other.get_latest_revision_as_object(), request, code))
        for other in _open_to(request.user, page)
        if (code := other.locale.language_code)
    ]
    told = {code for code, _card in found}
    for short in page.short_translations.all():
        if short.language not in told:
            card = _card(page, request, short.language)
            words = {"title": short.title, "standfirst": short.standfirst}
            found.append((short.language, replace(card, **words)))
    names = vocabulary.language_names([code for code, _card in found])
    lines = [
        {"code": code, "name": name, "card": _drawn(page, card, code)}
        for (code, card), name in zip(found, names, strict=True)
    ]
    return render(request, "cms/preview_cards.html", {"lines": lines})


def _drawn(page: Any, card: Any, language: str) -> str:
    """The card as a list in the language has it, its date included."""
    with translation.override(language):
        if isinstance(page, UpdatePage):
            return render_to_string("components/call_card.html", {"call": card})
        return render_to_string("components/story_card.html", {"story": card, "size": "beside"})


def _card(page: Any, request: HttpRequest, language: str) -> Any:
    with translation.override(language):
        if isinstance(page, UpdatePage):
            return cards.calls([page], request, language)[0]
        return cards.cards([page], request, language)[0]


def _mail(page: StoryPage | UpdatePage) -> HttpResponse:
    """A digest with nothing else in it, in the page's language."""
    language = page.locale.language_code
    entry = page_entries.previewed(page)
    newsletter = Newsletter.objects.filter(kind=Newsletter.Kind.DIGEST).order_by("pk").first()
    card = mails.fragment(entry=entry, text=entry.texts[0], language=language)
    html = card.html
    if newsletter is not None:
        frame = mails.frame(
            newsletter=newsletter, language=language, discreet=False, archive_url=""
        )
        html = mails.compose(frame=frame, fragments=[card], preheader="").html
    response = HttpResponse(html)
    # A mail carries its styles in itself; the site's policy would take them away.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response
