"""In: a kind, an address, a language. Out: one transactional mail, at least once, then forgotten.

The row is written with whatever caused it; the mail leaves from the worker. Its address and
parameters (links, tokens) are wiped as soon as it is handed over.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from newsletters import connections, typeset
from newsletters.addresses import keyed_hash
from newsletters.models import Attempt, Letter, SiteInstance, Suppression

CLAIM_LASTS = dt.timedelta(minutes=5)
FIRST_WAIT = dt.timedelta(seconds=30)
MOST_TRIES = 8
SET = "set"
"""The kind of a letter whose words stand in its parameters, not in a template."""


def post(
    *, kind: str, to: str, language: str, params: dict[str, str], discreet: bool = False
) -> Letter:
    """Queue a letter in the caller's transaction; the tick and the door-bell send it.

    A discreet one shows the bare address as its sender; the subjects name nothing anyway.
    """
    letter = Letter.objects.create(
        kind=kind,
        to=to,
        to_hash=keyed_hash(to),
        language=language,
        params=params | {"discreet": discreet},
    )
    transaction.on_commit(lambda: ring(letter.pk), robust=True)
    return letter


def post_mail(*, to: str, language: str, subject: str, text: str, html: str) -> Letter:
    """Queue a mail that is set already, for a colleague to look at; wiped like any letter."""
    params = {"subject": subject, "text": text, "html": html}
    return post(kind=SET, to=to, language=language, params=params)


def ring(letter_id: int) -> None:
    """Tell a worker, by the task's name: tasks import this module. The sweep mends a lost bell."""
    current_app.send_task("newsletters.tasks.send_letter", [letter_id])


def due() -> list[int]:
    """Letters that wait, or whose worker died holding them."""
    waiting = Q(state__in=[Letter.State.QUEUED, Letter.State.CLAIMED], next_at__lte=timezone.now())
    return list(Letter.objects.filter(waiting).order_by("next_at").values_list("pk", flat=True))


def sent_since(address: str, kind: str, since: dt.datetime) -> list[dt.datetime]:
    """When an address was sent letters of a kind: the guard against list bombing asks."""
    letters = Letter.objects.filter(to_hash=keyed_hash(address), kind=kind, created_at__gte=since)
    return list(letters.values_list("created_at", flat=True))


def hand_over(letter_id: int) -> Letter | None:
    """Send one letter; None when it is not (or not any more) ours to send."""
    now = timezone.now()
    if not SiteInstance.objects.filter(name=settings.SITE_INSTANCE).exists():
        return None
    claimed = Letter.objects.filter(
        pk=letter_id, state__in=[Letter.State.QUEUED, Letter.State.CLAIMED], next_at__lte=now
    ).update(state=Letter.State.CLAIMED, next_at=now + CLAIM_LASTS, tries=F("tries") + 1)
    if not claimed:
        return None
    letter = Letter.objects.get(pk=letter_id)
    if letter.tries > MOST_TRIES:
        return _close(letter, Letter.State.FAILED, "its worker stopped again and again")
    bounced = Suppression.objects.filter(address=letter.to, reason=Suppression.Reason.BOUNCE)
    if bounced.exists():
        return _close(letter, Letter.State.FAILED, "the mailbox does not exist")
    try:
        message = _message(letter)
    except Exception as error:
        # Nothing of it left; a template or a name that cannot stand will not mend itself.
        return _close(letter, Letter.State.FAILED, f"{type(error).__name__} while it was made")
    outcome = connections.call(message)
    if outcome.kind == Attempt.Outcome.ACCEPTED:
        return _close(letter, Letter.State.HANDED_OVER, "")
    final = {Attempt.Outcome.RECIPIENT, Attempt.Outcome.CONTENT}
    if outcome.kind in final or letter.tries >= MOST_TRIES:
        return _close(letter, Letter.State.FAILED, outcome.reason)
    letter.state = Letter.State.QUEUED
    letter.reason = outcome.reason
    asked = dt.timedelta(seconds=min(outcome.retry_after, 3600))
    letter.next_at = now + max(asked, FIRST_WAIT * 2 ** (letter.tries - 1))
    letter.save(update_fields=["state", "reason", "next_at"])
    return letter


def _message(letter: Letter) -> EmailMultiAlternatives:
    """Its own sender, no list headers: nobody subscribed to it."""
    params = dict(letter.params)
    discreet = params.pop("discreet", False)
    if letter.kind == SET:
        mail = typeset.Letter(**params)
    else:
        mail = typeset.letter(kind=letter.kind, language=letter.language, params=params)
    sender = settings.DEFAULT_FROM_EMAIL
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=parseaddr(sender)[1] if discreet else sender,
        to=[letter.to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _close(letter: Letter, state: str, reason: str) -> Letter:
    letter.state, letter.reason = state, reason
    letter.to, letter.params, letter.handed_over_at = "", {}, timezone.now()
    letter.save(update_fields=["state", "reason", "to", "params", "handed_over_at"])
    return letter
