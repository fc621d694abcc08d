"""Why did, or didn't, this person get this mailing? In: a mailing, an address. Out: sentences.

Read from the rows alone, nothing is changed. Who was left out when a list was drawn up is counted
and not named, so for them the reason is found anew from what is known of the reader at that time;
what can no longer be told is said to be so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from babel.lists import format_list
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext

from newsletters import fates, sources
from newsletters.addresses import normalise
from newsletters.fates import language_name, left_on, moment, suppressed
from newsletters.interests import in_words
from newsletters.models import (
    Consent,
    Delivery,
    Fragment,
    Issue,
    Newsletter,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.pipeline.audience import (
    NOT_IN_THEIR_LANGUAGE,
    NOTHING_NEW,
    RECEIVED,
    received,
    received_before,
)
from newsletters.sources import EVERYTHING

IMPORTED = "import"
"""How those agreed whose consent came with a list: its time is before they stood here."""


def explain(issue: Issue, address: str) -> list[str]:
    """What became of this mailing for this address; the first sentence is the answer."""
    try:
        address = normalise(address)
    except ValidationError as error:
        return list(error.messages)
    reader = Subscriber.objects.filter(address=address).first()
    if reader is None:
        said = [gettext("Nobody reads a newsletter at this address.")]
        kept_out = Suppression.objects.filter(address=address).first()
        return said + ([suppressed(kept_out)] if kept_out else [])
    return of_reader(issue, reader, suppression_of(reader))


def of_reader(issue: Issue, reader: Subscriber, suppression: Suppression | None) -> list[str]:
    """The same where reader and suppression have been looked up."""
    deliveries = Delivery.objects.select_related("batch__edition", "issue")
    delivery = deliveries.filter(issue=issue, subscriber_id=reader.pk).first()
    subscription = Subscription.objects.filter(
        subscriber=reader, newsletter=issue.newsletter_id
    ).first()
    if delivery is None:
        return _why_not(issue, reader, subscription, suppression)
    said = fates.of_each([delivery])[delivery.pk]
    fate = delivery.exception or delivery.batch.state
    if fate == Delivery.Exception.LEFT and subscription and subscription.left_at:
        said.append(left_on(subscription.left_at, subscription.left_how))
    if fate == Delivery.Exception.SUPPRESSED and suppression:
        said.append(suppressed(suppression))
    return said


def suppression_of(reader: Subscriber) -> Suppression | None:
    """What keeps mail from the reader's address, if anything does."""
    either = Suppression.objects.filter(address=reader.address)
    return either.first() or Suppression.objects.filter(address_hash=reader.address_hash).first()


def _why_not(
    issue: Issue,
    reader: Subscriber,
    subscription: Subscription | None,
    suppression: Suppression | None,
) -> list[str]:
    """For whom no mail of the issue was made: the reasons in the order in which lists are drawn."""
    if issue.frozen_at is None:
        if issue.state == Issue.State.CANCELLED:
            return [gettext("The mailing was cancelled before its list was drawn up.")]
        return [gettext("The list of this mailing has not been drawn up yet.")]
    if subscription is None:
        words = gettext("Has never asked for “%(newsletter)s”.")
        return [words % {"newsletter": issue.newsletter}]
    reasons = (
        _was_no_reader(issue.frozen_at, subscription),
        _was_not_meant(issue, reader, subscription),
        _had_it(issue, reader),
        _was_kept_out(issue.frozen_at, subscription, suppression),
        _found_nothing(issue, reader, subscription),
    )
    said = next((reason for reason in reasons if reason), None)
    return [said or gettext("It cannot be told any more: the subscription has changed since.")]


def _was_no_reader(at: dt.datetime, subscription: Subscription) -> str | None:
    """Whether the subscription did not stand when the list was drawn up."""
    told = (
        Consent.objects.filter(
            subject=f"subscriber:{subscription.subscriber_id}",
            purpose=f"newsletter:{subscription.newsletter.slug}",
            at__lte=at,
        )
        .exclude(how=IMPORTED)
        .last()
    )
    if told and not told.given:
        return left_on(told.at, told.how)
    if subscription.left_at and subscription.left_at <= at and not told:
        return left_on(subscription.left_at, subscription.left_how)
    if subscription.confirmed_at is None:
        words = gettext("Waiting: asked for it on %(date)s at %(time)s and has not confirmed.")
        return words % moment(subscription.created_at)
    if not told and subscription.confirmed_at > at:
        words = gettext(
            "Confirmed on %(date)s at %(time)s, when the list of this mailing had been drawn up."
        )
        return words % moment(subscription.confirmed_at)
    return None


def _was_not_meant(issue: Issue, reader: Subscriber, subscription: Subscription) -> str | None:
    """Whether the mailing was for others."""
    if issue.why == Issue.Why.CORRECT:
        if received(issue.follows_id).filter(subscriber_id=reader.pk).exists():
            return None
        return gettext("It corrects a mailing that this reader did not receive.")
    if issue.follows_id:
        return gettext("It was sent again to some of the mailing before; this reader was not one.")
    if issue.step_id:
        return gettext("It asks people on a day of their own, and this was not the reader's day.")
    if issue.frequency and issue.frequency != subscription.frequency:
        words = gettext("Wants it %(wanted)s; this was the mailing for those who want it %(was)s.")
        return words % {
            "wanted": subscription.get_frequency_display(),
            "was": issue.get_frequency_display(),
        }
    only = Subscriber.objects.filter(pk=reader.pk)
    if issue.criteria and not sources.audience().narrow(only, issue.criteria).exists():
        return gettext("The mailing was for some readers only, and this is not one of them.")
    return None


def _had_it(issue: Issue, reader: Subscriber) -> str | None:
    """Whether the same words had reached the reader before they were stopped."""
    before = issue.excluded.get(RECEIVED) and received_before(issue)
    if before and before.filter(subscriber_id=reader.pk).exists():
        return gettext("Had received it already: the rest was stopped then, and proposed again.")
    return None


def _was_kept_out(
    at: dt.datetime, subscription: Subscription, suppression: Suppression | None
) -> str | None:
    if suppression and suppression.created_at <= at:
        return suppressed(suppression)
    if subscription.paused_until and subscription.paused_until > at:
        words = gettext("Had paused the newsletter until %(date)s.")
        return words % moment(subscription.paused_until)
    return None


def _found_nothing(issue: Issue, reader: Subscriber, subscription: Subscription) -> str | None:
    """Whether nothing in it was for the reader; the counts of the list say what is possible."""
    languages, unread = _languages_of(issue), issue.excluded.get(NOT_IN_THEIR_LANGUAGE)
    if unread and languages and not set(languages) & set(reader.languages):
        words = gettext("Reads %(reads)s; the mailing was in %(was)s.")
        return words % {"reads": _listed(reader.languages), "was": _listed(languages)}
    if not issue.excluded.get(NOTHING_NEW):
        if unread and issue.kind == Newsletter.Kind.DIGEST:
            return gettext("There was something new, but in no language of this reader's.")
        return None
    follows = set(subscription.interests)
    if EVERYTHING in follows:
        return gettext("Nothing was new since the mailing that this reader got before.")
    words = gettext("Nothing new for what this reader follows: %(follows)s.")
    return words % {"follows": in_words(follows, get_language() or "en") or "–"}


def _languages_of(issue: Issue) -> list[str]:
    """The languages in which what it tells was written, in the order of the site."""
    names = Fragment.objects.filter(issue=issue).exclude(entry="").values_list("entry", flat=True)
    found = {name.rpartition("@")[2] for name in names}
    return [code for code, _name in settings.LANGUAGES if code in found]


def _listed(codes: Iterable[str]) -> str:
    return format_list([language_name(code) for code in codes], locale=_locale())


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")
