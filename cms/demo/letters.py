"""Mailings written by hand, as rows: one that was sent some days ago, one that is half written.

What was sent went through the same verbs as any other; only the mail service was not asked.
"""

from __future__ import annotations

import datetime as dt
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
    from packs.letters import LetterPlan, LetterReader, Letters, LetterText

HOW = "demonstration"
PAGES: dict[str, Any] = {"story": StoryPage, "call": UpdatePage}


def letters(plan: Letters) -> int:
    """The newsletter, its readers and its mailings; how many mailings are new."""
    newsletter, _new = founding.newsletter(plan.newsletter, settings.PACK)
    for one in plan.readers:
        _reader(one, newsletter)
    return sum(_mailing(one, newsletter) for one in plan.mailings)


def _reader(plan: LetterReader, newsletter: Newsletter) -> None:
    if Subscriber.objects.filter(address=plan.address).exists():
        return
    subscriber = Subscriber.objects.create(address=plan.address, languages=list(plan.languages))
    subscription = Subscription.objects.create(
        subscriber=subscriber,
        newsletter=newsletter,
        state=Subscription.State.CONFIRMED,
        confirmed_at=timezone.now() - dt.timedelta(days=60),
        caught_up_at=timezone.now() - dt.timedelta(days=60),
    )
    language = plan.languages[0]
    subscriptions.record_consent(subscription, given=True, language=language, how=HOW)


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
    Delivery.objects.filter(issue=issue).update(delivered_at=sent_at)
    issue.refresh_from_db()
    closing.close(issue)
    moments = dict.fromkeys(
        ("cutoff_at", "proposed_at", "approved_at", "frozen_at", "closed_at", "created_at"), sent_at
    )
    Issue.objects.filter(pk=issue.pk).update(**moments)
