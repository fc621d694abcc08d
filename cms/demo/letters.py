"""Mailings written by hand, as rows: some that were sent, one that is half written.

What was sent went through the same verbs as any other; only the mail service was not asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alumni.models import User
from cms import dispatching, founding
from cms.models import Dispatch, Manuscript, StoryPage, UpdatePage
from newsletters import proofs, subscriptions
from newsletters.models import Batch, Delivery, Issue, Newsletter, Subscriber, Subscription
from newsletters.pipeline import closing, freeze

if TYPE_CHECKING:
    from packs.letters import LetterPlan, Letters, LetterText

HOW = "demonstration"
PAGES: dict[str, Any] = {"story": StoryPage, "call": UpdatePage}
SINCE = dt.timedelta(days=200)
"""So long ago everyone asked for the letters."""
SILENT, CAME_BACK, LEFT = 16, 14, 20
"""Every so manieth mail of a letter: nothing was heard of it, it came back, it was the last one."""


def letters(plan: Letters) -> int:
    """The newsletter, its readers and its mailings; how many mailings are new."""
    newsletter, _new = founding.newsletter(plan.newsletter, settings.PACK)
    named = [(one.address, one.languages) for one in plan.readers]
    for address, spoken in (*named, *_crowd(plan)):
        _reader(address, spoken, newsletter)
    return sum(_mailing(one, newsletter) for one in plan.mailings)


def _crowd(plan: Letters) -> Iterator[tuple[str, tuple[str, ...]]]:
    for language, people in plan.crowd.items():
        for number in range(1, people + 1):
            yield f"letters.{language}.{number}@example.org", (language,)


def _reader(address: str, spoken: tuple[str, ...], newsletter: Newsletter) -> None:
    if Subscriber.objects.filter(address=address).exists():
        return
    subscriber = Subscriber.objects.create(address=address, languages=list(spoken))
    subscription = Subscription.objects.create(
        subscriber=subscriber,
        newsletter=newsletter,
        state=Subscription.State.CONFIRMED,
        confirmed_at=timezone.now() - SINCE,
        caught_up_at=timezone.now() - SINCE,
    )
    subscriptions.record_consent(subscription, given=True, language=spoken[0], how=HOW)


def _mailing(plan: LetterPlan, newsletter: Newsletter) -> bool:
    if Dispatch.objects.filter(newsletter=newsletter, title=plan.title).exists():
        return False
    with transaction.atomic():
        writer, second = proofs.colleagues("approve_issue").order_by("is_superuser", "pk")[:2]
        dispatch = Dispatch.objects.create(
            newsletter=newsletter, title=plan.title, created_by=writer
        )
        for language, text in plan.texts.items():
            _words(dispatch, language, text)
        if plan.sent_days_ago is not None:
            sent_at = timezone.now() - dt.timedelta(days=plan.sent_days_ago)
            _send(dispatch, writer, second, sent_at)
    return True


def _words(dispatch: Dispatch, language: str, text: LetterText) -> None:
    Manuscript.objects.create(
        dispatch=dispatch,
        language=language,
        subject=text.subject,
        preheader=text.preheader,
        body=[_block(part) for part in text.body],
    )


def _block(part: Any) -> tuple[str, Any]:
    if isinstance(part, str):
        return ("text", f"<p>{escape(part)}</p>")
    ((kind, value),) = part.items()
    if kind in PAGES:
        return (kind, PAGES[kind].objects.filter(slug=value, alias_of=None).earliest("pk"))
    if kind == "newest":
        return (kind, {"most": value})
    return (kind, None if kind == "divider" else value)


def _send(dispatch: Dispatch, writer: User, second: User, sent_at: dt.datetime) -> None:
    """As if it had left then and had been taken by the mail service."""
    issue = dispatching.propose(dispatch, by=writer)
    dispatching.approve(issue, dispatch, by=second)
    freeze.freeze(issue.pk)
    Batch.objects.filter(issue=issue).update(state=Batch.State.ACCEPTED)
    _was_heard_of(issue, sent_at)
    issue.refresh_from_db()
    closing.close(issue)
    moments = dict.fromkeys(
        ("cutoff_at", "proposed_at", "approved_at", "frozen_at", "closed_at", "created_at"), sent_at
    )
    Issue.objects.filter(pk=issue.pk).update(**moments)
    _leave(issue, sent_at + dt.timedelta(days=1))


def _was_heard_of(issue: Issue, sent_at: dt.datetime) -> None:
    ids = list(Delivery.objects.filter(issue=issue).order_by("pk").values_list("pk", flat=True))
    came_back = ids[CAME_BACK // 2 :: CAME_BACK]
    silent = ids[SILENT // 2 :: SILENT]
    Delivery.objects.filter(pk__in=came_back).update(bounced_at=sent_at)
    heard = Delivery.objects.filter(issue=issue).exclude(pk__in=[*came_back, *silent])
    heard.update(delivered_at=sent_at)


def _leave(issue: Issue, at: dt.datetime) -> None:
    """By the verb of the button in the mail, and then dated back."""
    crowd = Subscription.objects.filter(
        newsletter=issue.newsletter_id,
        state=Subscription.State.CONFIRMED,
        subscriber__address__regex=r"^letters\.\w\w\.\d+@",
        subscriber__in=Delivery.objects.filter(issue=issue).values("subscriber_id"),
    ).select_related("newsletter", "subscriber")
    for one in crowd.order_by("pk")[LEFT // 2 :: LEFT]:
        subscriptions.unsubscribe(one, how=HOW, language=one.subscriber.languages[0])
        Subscription.objects.filter(pk=one.pk).update(left_at=at)
