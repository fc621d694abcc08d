"""What became of a mail, and how somebody left. In: rows. Out: whole sentences, with the time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from newsletters.models import Attempt, Batch, Delivery, Report, Subscription, Suppression
from newsletters.pipeline.suppressions import BOUNCES
from newsletters.reports import ADDRESS

LEFT: dict[str, Promise] = {
    "button in the mail": _("Left on %(date)s at %(time)s by the button in the mail."),
    "link in the mail": _("Left on %(date)s at %(time)s by the link in the mail."),
    Subscription.COMPLAINT: _("Left on %(date)s at %(time)s by marking our mail as spam."),
    Subscription.MAIL_SERVICE: _(
        "Left on %(date)s at %(time)s by the unsubscribe button of the mail program."
    ),
    "staff": _("Left on %(date)s at %(time)s: a colleague entered it, because the person asked."),
    "wrote to us: stop": _(
        "Left on %(date)s at %(time)s: a colleague entered it, because the person asked."
    ),
    "asked by letter": _(
        "Left on %(date)s at %(time)s: a colleague entered it, because the person asked."
    ),
    "web form": _("Left on %(date)s at %(time)s by a form on the site."),
}
LEFT_SOMEHOW = _("Left on %(date)s at %(time)s.")

SUPPRESSED: dict[str, Promise] = {
    Suppression.Reason.BOUNCE: _("Not written to since %(date)s: the mailbox does not exist."),
    Suppression.Reason.SOFT: _(
        "Not written to since %(date)s: mail to it came back again and again."
    ),
    Suppression.Reason.COMPLAINT: _(
        "Not written to since %(date)s: our mail was marked as spam there."
    ),
    Suppression.Reason.ASKED: _("Not written to since %(date)s: the person asked us to stop."),
    Suppression.Reason.ERASED: _("Not written to since %(date)s: the person asked to be erased."),
}

FATES: dict[str, Promise] = {
    Batch.State.QUEUED: _("Stands on the list and waits to be handed over."),
    Batch.State.CLAIMED: _("Stands on the list and is about to be handed over."),
    Batch.State.SUBMITTING: _("Is being handed to the mail service."),
    Batch.State.FAILED: _("Could not be handed to the mail service."),
    Batch.State.UNCERTAIN: _(
        "Was given to the mail service, which has not answered yet; it is asked again."
    ),
    Batch.State.UNKNOWN: _("The mail service never answered: not known whether it arrived."),
    Batch.State.CANCELLED: _("Stood on the list, and was cancelled before it left."),
    Batch.State.EXPIRED: _("Stood on the list, and was not sent because it had become too late."),
    Delivery.Exception.LEFT: _("Stood on the list, and left before the mail was handed over."),
    Delivery.Exception.SUPPRESSED: _(
        "Stood on the list, but must not be written to, so nothing was handed over."
    ),
    Delivery.Exception.NOT_THEIRS: _(
        "Stood on the list, but it was not for this reader any more, so nothing was handed over."
    ),
}
REFUSALS: dict[str, Promise] = {
    "invalid": _("Came back on %(date)s at %(time)s: the address is not valid."),
    "bounced": _("Came back on %(date)s at %(time)s: the mailbox does not exist or took no mail."),
    "timed_out": _("Came back on %(date)s at %(time)s: the mailbox did not answer in time."),
    "blocked": _("Came back on %(date)s at %(time)s: its mail server takes no mail from us."),
    "spam": _("Came back on %(date)s at %(time)s: its mail server took it for spam."),
    "unsubscribed": _(
        "Came back on %(date)s at %(time)s: the mail service keeps it among those who left."
    ),
}
CAME_BACK = _("Came back on %(date)s at %(time)s.")


def of_each(deliveries: Iterable[Delivery]) -> dict[int, list[str]]:
    """What became of each mail, in sentences; two queries, however many. They know their batch."""
    found = list(deliveries)
    taken = _handed_over(found)
    refusals = _refusals(found)
    return {one.pk: _fate(one, taken.get(one.pk), refusals.get(one.pk, "")) for one in found}


def left_on(at: dt.datetime, how: str) -> str:
    """When and how somebody left."""
    return str(LEFT.get(how, LEFT_SOMEHOW)) % moment(at)


def suppressed(suppression: Suppression) -> str:
    """Since when and why an address is not written to."""
    return str(SUPPRESSED[suppression.reason]) % moment(suppression.created_at)


def moment(at: dt.datetime) -> dict[str, Any]:
    """`date` and `time` for a sentence, by the clock of the site."""
    local = timezone.localtime(at)
    return {"date": date_format(local, "DATE_FORMAT"), "time": time_format(local, "H:i")}


def language_name(code: str) -> str:
    """In the language of the moment; the code where nobody knows it."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def _fate(one: Delivery, at: dt.datetime | None, refusal: str) -> list[str]:
    fate = one.exception or one.batch.state
    if fate == Batch.State.ACCEPTED:
        words = gettext("Handed to the mail service on %(date)s at %(time)s.")
        said = [words % moment(at) if at else gettext("Handed to the mail service.")]
    else:
        said = [str(FATES.get(fate, fate))]
    why = one.reason if one.exception else one.batch.reason
    if fate in {Batch.State.FAILED, Batch.State.UNKNOWN} and why:
        answer = ADDRESS.sub("…", why)
        said.append(gettext("The mail service said: %(answer)s") % {"answer": answer})
    if one.delivered_at:
        said.append(gettext("Delivered on %(date)s at %(time)s.") % moment(one.delivered_at))
    if one.bounced_at:
        said.append(str(REFUSALS.get(refusal, CAME_BACK)) % moment(one.bounced_at))
    if one.complained_at:
        words = gettext("Marked as spam on %(date)s at %(time)s.")
        said.append(words % moment(one.complained_at))
    edition = one.batch.edition
    if fate == Batch.State.ACCEPTED:
        words = gettext("It was the mailing in %(language)s: “%(subject)s”.")
        said.append(
            words % {"language": language_name(edition.language), "subject": edition.subject}
        )
    return said


def _handed_over(deliveries: list[Delivery]) -> dict[int, dt.datetime]:
    """When the mail service took each, as far as an attempt says so."""
    taken: dict[int, dt.datetime] = {}
    batches = {one.batch_id: one for one in deliveries}
    attempts = Attempt.objects.filter(batch__in=batches).exclude(finished_at=None).order_by("pk")
    of_batch: dict[int, list[Attempt]] = {}
    for attempt in attempts.only("batch", "finished_at", "outcome", "fates"):
        of_batch.setdefault(attempt.batch_id, []).append(attempt)
    for one in deliveries:
        for attempt in of_batch.get(one.batch_id, []):
            if attempt.fates.get(str(one.pk), attempt.outcome) == Attempt.Outcome.ACCEPTED:
                taken[one.pk] = attempt.finished_at or attempt.started_at
    return taken


def _refusals(deliveries: list[Delivery]) -> dict[int, str]:
    """Why mails came back, for as long as the reports are kept."""
    bounced = [str(one.pk) for one in deliveries if one.bounced_at]
    if not bounced:
        return {}
    rows = Report.objects.filter(delivery__in=bounced, kind__in=[str(kind) for kind in BOUNCES])
    return {
        int(delivery): reason
        for delivery, reason in rows.order_by("pk").values_list("delivery", "reject_reason")
    }
