"""The members' pages: my profile, joining, who may find me, another member."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alumni import appearance, profiles, reading, reviews, visibility
from alumni.adapters import confirmed_addresses
from alumni.directory import quota
from alumni.directory.forms import ContactForm
from alumni.followup import asking
from alumni.followup.survey import asked_when
from alumni.forms import JoinForm, NewsletterForm, ProfileForm, VisibilityForm
from alumni.joining import accounts
from alumni.joining.forms import MailboxForm
from alumni.models import Profile
from alumni.privacy import access, consents
from alumni.privacy.fresh import fresh_sign_in_required
from alumni.relay import contact, muting
from alumni.signed_in import user_of
from alumni.vocabulary import language_now

View = Callable[..., HttpResponse]
METHODS = ("GET", "HEAD", "POST")
"""What a page of ours is asked by; whatever else comes is no reader's browser."""


def members_page(view: View) -> View:
    """For signed-in people only, kept out of search engines and every cache.

    The address of a button leads back to the own page: a language link or a late sign-in opens it.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
            response = redirect("alumni:me")
        response["X-Robots-Tag"] = "noindex, noarchive"
        return response

    return never_cache(login_required(guarded))


@members_page
def me(request: HttpRequest) -> HttpResponse:
    """My profile, to read and to mend; before joining, the way in."""
    profile = _own(request)
    if profile is None:
        shared = any(map(accounts.shares_a_mailbox, confirmed_addresses(user_of(request))))
        return render(request, "alumni/no_profile.html", {"shares_a_mailbox": shared})
    if not profile.has_accepted:
        return _ask_to_join(request, profile, _join_form())
    form = ProfileForm(request.POST or None, instance=_copy(profile))
    if request.method == "POST" and form.is_valid():
        profiles.update(profile=profile, changes=form.changes(), by=user_of(request))
        messages.success(request, _("Your profile is saved."))
        return redirect("alumni:me")
    return _show_mine(request, profile, form, _visibility_form(profile))


@members_page
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """The person agrees to be a member and says who may find him or her."""
    profile = _own(request)
    if profile is None or profile.has_accepted:
        return redirect("alumni:me")
    form = _join_form(request.POST)
    if not form.is_valid():
        return _ask_to_join(request, profile, form)
    language, user = language_now(), user_of(request)
    profile = profiles.accept(profile=profile, by=user, language=language)
    if form.cleaned_data["tier"]:
        profiles.choose_visibility(
            profile=profile, chosen=form.chosen(), by=user, language=language
        )
    for address in confirmed_addresses(user):
        profiles.link_subscriber(profile=profile, address=address)
    messages.success(request, _("Welcome. This is your profile: is everything right?"))
    return redirect("alumni:me")


def _shows_more(request: HttpRequest) -> bool:
    profile, form = _own(request), VisibilityForm(request.POST)
    return bool(profile and form.is_valid() and profiles.is_wider(profile, form.chosen()))


@members_page
@require_POST
@fresh_sign_in_required(back="alumni:me", when=_shows_more)
def choose_visibility(request: HttpRequest) -> HttpResponse:
    """Who may find me: showing less acts at once, showing more asks who is there."""
    profile = _own(request)
    if profile is None or not profile.has_accepted:
        return redirect("alumni:me")
    form = VisibilityForm(request.POST)
    if not form.is_valid():
        return _show_mine(request, profile, ProfileForm(instance=_copy(profile)), form)
    profiles.choose_visibility(
        profile=profile, chosen=form.chosen(), by=user_of(request), language=language_now()
    )
    messages.success(request, _("Saved. This is who may find you from now on."))
    return redirect("alumni:me")


@members_page
@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """The member asks for a newsletter; the mailbox is asked whether it wants it."""
    profile, user = _own(request), user_of(request)
    if profile is None or not profile.has_accepted:
        return redirect("alumni:me")
    on_offer = reading.of(profile, by=user)
    form = NewsletterForm(request.POST, offered=on_offer.offered)
    if not on_offer.address or not form.is_valid():
        messages.error(request, _("This newsletter is not on offer any more. Please look again."))
        return redirect("alumni:me")
    reading.ask(profile=profile, by=user, language=language_now(), **form.cleaned_data)
    return redirect("newsletters:asked")


@members_page
@require_safe
def member(request: HttpRequest, key: str) -> HttpResponse:
    """Another member, as far as the viewer may see; else the same answer as for nobody."""
    own, user = _own(request), user_of(request)
    is_mine = own is not None and own.key == key
    # Counted before looking: the answer must not tell whether there is such a person.
    if not is_mine and not quota.take(user, quota.Look.PERSON):
        return enough(request)
    people = visibility.visible_to(user).prefetch_related("enrolments__run__course", "positions")
    profile = people.filter(key=key).first()
    how = visibility.relation(user, profile) if profile else visibility.Relation.STRANGER
    shown = appearance.shown_to(profile, how) if profile else None
    if profile is None or shown is None:
        raise Http404
    if how is visibility.Relation.STAFF:
        access.note(profile=profile, what=access.What.PAGE, by=user)
    may_write = contact.may_write(by=user, to=profile)
    is_muted = may_write and own is not None and muting.is_muted(own)
    return render(
        request,
        "alumni/member.html",
        {"person": shown, "may_write": may_write and not is_muted, "is_muted": is_muted},
    )


def enough(request: HttpRequest) -> HttpResponse:
    """The day's share of the directory is used up."""
    return render(request, "alumni/directory_enough.html", {}, status=429)


def _own(request: HttpRequest) -> Profile | None:
    return visibility.membership(request.user)


def _copy(profile: Profile) -> Profile:
    """A form writes what was typed into its instance, right or wrong: not into the member's own."""
    return Profile.objects.get(pk=profile.pk)


def _join_form(data: Any = None) -> JoinForm:
    sentence = consents.sentence(consents.Purpose.MEMBERSHIP, language_now())
    return JoinForm(data, sentence=sentence)


def _visibility_form(profile: Profile) -> VisibilityForm:
    return VisibilityForm(
        initial={
            "tier": profile.tier,
            "shows_initials": profile.shows_initials,
            "shares_institution": profile.shares_institution,
        }
    )


def _ask_to_join(request: HttpRequest, profile: Profile, form: JoinForm) -> HttpResponse:
    enrolments = profile.enrolments.select_related("run__course")
    return render(
        request,
        "alumni/join.html",
        {"profile": profile, "form": form, "enrolments": enrolments},
        status=422 if form.errors else 200,
    )


def _show_mine(
    request: HttpRequest, profile: Profile, form: ProfileForm, visibility_form: VisibilityForm
) -> HttpResponse:
    enrolments = profile.enrolments.select_related("run__course")
    mine = reading.of(profile, by=user_of(request))
    return render(
        request,
        "alumni/me.html",
        {
            "reading": mine,
            "mailbox_form": MailboxForm(now=mine.address, mailboxes=mine.mailboxes),
            "newsletter_form": NewsletterForm(offered=mine.offered, auto_id="newsletter_%s"),
            "profile": profile,
            "is_hidden": visibility.is_hidden(profile),
            "form": form,
            "visibility_form": visibility_form,
            "enrolments": enrolments,
            "questions": asking.waiting_for(profile, timezone.localdate()),
            "asked_when": asked_when(language_now()),
            "contact_form": ContactForm(instance=_copy(profile), auto_id="contact_%s"),
            "asks_for_review": reviews.is_stale(profile, timezone.now()),
        },
        status=422 if form.errors or visibility_form.errors else 200,
    )
