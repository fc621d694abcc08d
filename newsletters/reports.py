"""In: an issue, the clock. Out: sentences that say what happened, and what comes next."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newsletters import checks
from newsletters.models import Batch, Delivery, Edition, Issue, Newsletter
from newsletters.pipeline import alarms, fit, preflight, sealing
from newsletters.pipeline.audience import (
    NOT_IN_THEIR_LANGUAGE,
    NOTHING_NEW,
    PAUSED,
    RECEIVED,
    SAME_MAIL,
    SUPPRESSED,
    TOLD_SINCE,
)
from newsletters.pipeline.freeze import (
    IN_NO_LANGUAGE,
    NOBODY_RECEIVES,
    NOT_ALL,
    NOTHING_FITTED,
    NOTHING_MATCHED,
    NOTHING_PUBLISHED,
)

REASONS: dict[str, Promise] = {
    NOTHING_PUBLISHED: _("No new stories or calls since the last mailing, so no mail was sent."),
    NOTHING_MATCHED: _("What is new matches nothing that its readers follow, so no mail was sent."),
    IN_NO_LANGUAGE: _("What is new is in no language that its readers read, so no mail was sent."),
    NOTHING_FITTED: _(
        "What is new matches nothing that its readers follow, or is in no language that they "
        "read, so no mail was sent."
    ),
    NOBODY_RECEIVES: _("Nobody receives this newsletter at this frequency, so no mail was sent."),
    NOT_ALL: _(
        "More was new than one mailing can tell: the newest is in it, and the next ones tell the "
        "rest."
    ),
}
STOPS: dict[str, Promise] = {
    alarms.ACCOUNT: _(
        "The mail service refuses our account, so nothing more is handed over. Mend the account or "
        "its keys, then go on. It said: %(answer)s"
    ),
    alarms.CONTENT: _(
        "The mail service refuses what the mailing says. Mend it or cancel the mailing. "
        "It said: %(answer)s"
    ),
    preflight.MERGES: _(
        "It says “%(answer)s”, and the mail service would fill something in there, so nothing was "
        "drawn up. Take it out, then go on."
    ),
    fit.UNFIT: _("One of its mails cannot leave, so nothing was drawn up. %(answer)s Then go on."),
    alarms.SILENCE: _(
        "The mail service fails too often. Wait until it works again, then go on. "
        "It said: %(answer)s"
    ),
    alarms.WITHDRAWN: _(
        "A story that it tells of was taken down, so it cannot go on. Cancel it; without the story "
        "it can be proposed again, and goes to those who have not got it."
    ),
    sealing.BROKEN: _(
        "It is not what was approved any more, so nothing was drawn up. Cancel it and propose it "
        "again."
    ),
    sealing.SENDER: _(
        "The address it comes from, the one for answers or the name of its list is another than "
        "what was approved, so nothing was drawn up. Look at the newsletter, then propose it again."
    ),
    alarms.COMPLAINTS: _(
        "Too many people marked it as spam. Find out why before you go on: %(answer)s"
    ),
}
"""Why a mailing stopped and what to do; the words of the mail service follow."""

CHANGES: dict[str, Promise] = {
    "subject": _("The subject was changed (%(language)s)."),
    "preheader": _("The line after the subject was changed (%(language)s)."),
    "body": _("The text was changed (%(language)s)."),
    "added": _("A language was added: %(language)s."),
    "removed": _("A language was taken out: %(language)s."),
    "audience": _("It was to go to other readers."),
    "fallback": _("Readers of other languages were to be treated otherwise."),
    "window": _("It was to leave at another time."),
    "newsletter": _("It was to go out under another newsletter."),
    sealing.TAKEN_DOWN: _("A story that it tells of was taken down."),
    sealing.STOPPED: _("A colleague stopped it."),
    sealing.AGAIN: _("It was proposed again."),
}
"""What ended an approval."""

REASONS_SHOWN = 5
ADDRESS = re.compile(r"[^\s\"'<>(),;:]+@[^\s\"'<>(),;:]+")

LEFT_OUT: dict[str, Promise] = {
    NOTHING_NEW: _("nothing new for what they follow"),
    NOT_IN_THEIR_LANGUAGE: _("something new, but in no language they read"),
    TOLD_SINCE: _("were told of it since"),
    RECEIVED: _("have received it already"),
    Delivery.Exception.LEFT: _("have left"),
    PAUSED: _("have paused"),
    Delivery.Exception.NOT_THEIRS: _("it is not meant for them any more"),
    SUPPRESSED: _("must not be written to"),
}
LEFT_OUT_OF_WRITTEN: dict[str, Promise] = LEFT_OUT | {
    NOT_IN_THEIR_LANGUAGE: _("read none of the languages it is written in")
}


def reason(issue: Issue) -> str:
    """Why it stopped, or why nobody was written to, in the language of the page."""
    code, _bar, answer = issue.reason.partition("|")
    if code == sealing.VOID:
        return _ended(answer)
    if code == sealing.MOVED:
        return _moved(answer)
    if code == fit.UNFIT:
        fault, _bar, words = answer.partition("|")
        answer = checks.sentence(fault, words)
    if code in STOPS:
        return str(STOPS[code]) % {"answer": answer}
    return str(REASONS.get(issue.reason, issue.reason))


def _ended(changes: str) -> str:
    """Why an approval ended, change by change."""
    said = [gettext("The approval ended before it left.")]
    for change in changes.split(","):
        what, _at, language = change.partition("@")
        name = str(dict(settings.LANGUAGES).get(language, ""))
        if what in CHANGES:
            said.append(str(CHANGES[what]) % {"language": name})
    return " ".join(said)


def _moved(figures: str) -> str:
    """How far the list had moved."""
    seen, _bar, people = figures.partition("|")
    words = gettext(
        "It was approved for %(seen)s people and would go to %(people)s now, which differs by more "
        "than a tenth. Look at whom it is for, then propose it again."
    )
    return words % {"seen": seen, "people": people}


def left_out(issue: Issue) -> list[tuple[str, int]]:
    """Why how many got no mail of it, in the words of its kind."""
    words = LEFT_OUT_OF_WRITTEN if issue.kind == Newsletter.Kind.WRITTEN else LEFT_OUT
    return [(str(words.get(why, why)), count) for why, count in issue.excluded.items()]


def failures(issue: Issue) -> list[tuple[str, int]]:
    """What the mail service said to those for whom it failed, and to how many; most people first.

    No address stands in it: whoever may see a mailing may not see its readers.
    """
    failed, exceptions = Batch.State.FAILED, Delivery.objects.filter(issue=issue).order_by()
    batches = Batch.objects.filter(issue=issue, state=failed).order_by()
    apart = exceptions.filter(batch__state=failed).exclude(exception="")
    said: Counter[str] = Counter()
    for reason, people in batches.values_list("reason").annotate(people=Sum("size")):
        said[_without_addresses(reason)] += people
    for reason, people in apart.values_list("batch__reason").annotate(people=Count("pk")):
        said[_without_addresses(reason)] -= people
    alone = exceptions.filter(exception=Delivery.Exception.FAILED)
    for reason, people in alone.values_list("reason").annotate(people=Count("pk")):
        said[_without_addresses(reason)] += people
    return [(reason, people) for reason, people in said.most_common(REASONS_SHOWN) if people > 0]


def _without_addresses(reason: str) -> str:
    return ADDRESS.sub("…", reason) or gettext("The mail service said nothing about it.")


def facts(issue: Issue) -> dict[str, int]:
    """What came back from the mail service about this issue."""
    return Delivery.objects.filter(issue=issue).aggregate(
        delivered=Count("delivered_at"),
        bounced=Count("bounced_at"),
        complained=Count("complained_at"),
    )


def subjects(issues: Iterable[Issue], language: str) -> dict[int, str]:
    """By issue, how written mailings begin: in a language, or in the first that they have."""
    written = [issue for issue in issues if issue.kind == Newsletter.Kind.WRITTEN]
    again = [issue.pk for issue in written if issue.why in SAME_MAIL]
    editions = Edition.objects.filter(issue__in=written, discreet=False).order_by("pk")
    rows = list(editions.values_list("issue_id", "language", "subject"))
    if again:  # What is sent again has no editions of its own.
        handed = Batch.objects.filter(issue__in=again, edition__discreet=False).distinct()
        facts = handed.values_list(
            "edition", "issue_id", "edition__language", "edition__subject"
        ).order_by("edition")
        rows += [(issue, code, subject) for _edition, issue, code, subject in facts]
    found: dict[int, str] = {}
    for issue, code, subject in rows:
        if code == language or issue not in found:
            found[issue] = subject
    return found


def next_mailings() -> list[tuple[Newsletter, str, dt.datetime, int]]:
    """Newsletter, frequency as words, local time and row of what is due next, soonest first."""
    newsletters = Newsletter.objects.filter(kind=Newsletter.Kind.DIGEST)
    rows = [
        (
            newsletter,
            str(row.get_frequency_display()),
            row.next_at.astimezone(newsletter.zone),
            row.pk,
        )
        for newsletter in newsletters.prefetch_related("cadences", "wordings")
        for row in newsletter.cadences.all()
    ]
    return sorted(rows, key=lambda row: row[2])
