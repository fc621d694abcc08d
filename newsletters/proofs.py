"""In: a written mailing as it would leave, and colleagues. Out: the same mail in their mailboxes.

A proof is marked as one in subject and head, carries no reader's key and no header of a list, and
leaves as a letter: it counts in no mailing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from html import escape
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from newsletters import letters
from newsletters.markup import SUBJECT_LENGTH, clip, directed, direction
from newsletters.pipeline.render import PREFERENCES, UNSUBSCRIBE, Rendered
from newsletters.pipeline.written import Proof

NOBODYS = "proof"
"""In the place of a reader's key: its pages say that the link is not known."""
PREHEADER = re.compile(r"<div[^>]*display:none[^>]*>.*?</div>", re.DOTALL)


def colleagues(right: str) -> QuerySet[Any]:
    """Who has a right of `newsletters`, by a group or alone."""
    owned = Permission.objects.filter(content_type__app_label="newsletters", codename=right)
    who = Q(is_superuser=True) | Q(groups__permissions__in=owned) | Q(user_permissions__in=owned)
    people = get_user_model().objects.filter(who, is_active=True)
    return people.distinct().order_by("pk")


def without_keys(mail: Rendered) -> Rendered:
    """A mail whose links to a reader's own pages lead nowhere."""
    html, text = (
        part.replace(UNSUBSCRIBE, NOBODYS).replace(PREFERENCES, NOBODYS)
        for part in (mail.html, mail.text)
    )
    return Rendered(html=html, text=text)


def send_test(proof: Proof, *, to: Iterable[str]) -> int:
    """Queue it for each address, marked as a test; how many."""
    with override(proof.language):
        subject = gettext("Test: %(subject)s") % {"subject": proof.subject}
        notice = gettext("This is a test. Only colleagues get it, and its links to leave or to "
                         "choose lead nowhere.")  # fmt: skip
    return _post(proof, subject, notice, to)


def send_copy(proof: Proof, *, to: Iterable[str], until: dt.datetime, url: str) -> int:
    """Queue it for colleagues who can still stop it; how many."""
    with override(proof.language):
        subject = gettext("Leaves soon: %(subject)s") % {"subject": proof.subject}
        notice = gettext(
            "This mailing was written and approved by one person. It does not leave before "
            "%(when)s; until then you can stop it: %(url)s"
        ) % {"when": date_format(until, "DATETIME_FORMAT"), "url": url}
    return _post(proof, subject, notice, to)


def _post(proof: Proof, subject: str, notice: str, to: Iterable[str]) -> int:
    mail, language = without_keys(proof.mail), proof.language
    text = f"{directed(notice, language)}\n\n{mail.text}"
    html = PREHEADER.sub(
        lambda found: found.group() + _banner(notice, language), mail.html, count=1
    )
    addresses = list(to)
    for address in addresses:
        letters.post_mail(
            to=address,
            language=language,
            subject=clip(subject, SUBJECT_LENGTH.stop - 1),
            text=text,
            html=html,
        )
    return len(addresses)


def _banner(notice: str, language: str) -> str:
    """A line above the mail, legible in light and dark."""
    words = re.sub(r"(https?://\S+)", r'<a href="\1" style="color:#1C2421">\1</a>', escape(notice))
    style = (
        "padding:12px 16px;background:#E9A23B;color:#1C2421;"
        "font:16px/1.5 Arial,sans-serif;text-align:center"
    )
    way = direction(language)
    return f'<div lang="{language}" dir="{way}" style="{style}">{words}</div>'
