"""Every mail of the demonstration, as it leaves: digests, questions, letters, sign-in mails.

In: a database with the demonstration in it. Out: mails with a name each, one of a kind.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from newsletters import letters, plans, schedule
from newsletters.models import Cadence, Issue, Newsletter
from newsletters.pipeline import deliver, freeze
from tests.factories.newsletters import own_this_database
from tests.mailcheck import leaving
from tests.test_account_mails import PREFIXES, VALUES
from tests.test_discreet_mails import KINDS, LANGUAGES, PARAMS

RHYTHMS = 3
TOKENS = re.compile(r"/n/(u|p|go|c)/[^/]+/")


def mailings() -> Iterator[tuple[str, Message]]:
    """One mail of every edition: what is due now, and the questions that fall due today."""
    own_this_database(settings.SITE_INSTANCE)
    mail.outbox.clear()
    now = timezone.now()
    for newsletter in Newsletter.objects.filter(kind=Newsletter.Kind.DIGEST):
        schedule.bring_forward(newsletter, now=now)
    Cadence.objects.filter(newsletter__steps__isnull=False).update(next_at=now)
    for _rhythm in range(RHYTHMS):
        plans.open_due(now)
        schedule.open_due(now + dt.timedelta(seconds=1))
        for issue in Issue.objects.filter(state=Issue.State.APPROVED):
            freeze.freeze_or_halt(issue.pk)
        while deliver.take_turn("test"):
            pass
    yield from _one_of_each(mail.outbox)
    mail.outbox.clear()


def _letters_and_sign_ins() -> Iterator[tuple[str, Message]]:
    for language in LANGUAGES:
        for kind in KINDS:
            mail.outbox.clear()
            letter = letters.post(
                kind=kind, to="amina@example.org", language=language, params=_whole(PARAMS)
            )
            letters.hand_over(letter.pk)
            (message,) = mail.outbox
            yield f"{kind}, {language}", message.message()
        for prefix in PREFIXES:
            with override(language), context.request_context(RequestFactory().get("/")):
                message = get_adapter().render_mail(prefix, "amina@example.org", _whole(VALUES))
            yield f"{prefix}, {language}", message.message()
    mail.outbox.clear()


def everything() -> dict[str, Message]:
    """All of them by name."""
    return dict([*mailings(), *_letters_and_sign_ins()])


def _whole(values: dict[str, Any]) -> dict[str, Any]:
    """With the addresses of the site that the settings name now."""
    return {
        name: value.replace("http://testserver", settings.SITE_URL)
        if isinstance(value, str)
        else value
        for name, value in values.items()
    }


def _one_of_each(outbox: list[EmailMultiAlternatives]) -> Iterator[tuple[str, Message]]:
    seen = set()
    for number, message in enumerate(outbox):
        (one, *_others) = leaving(message)
        likeness = TOKENS.sub("", one.as_string().partition("\n\n")[2])
        if likeness not in seen:
            seen.add(likeness)
            yield f"mailing {number}: {message.subject}", one
