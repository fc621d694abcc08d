"""`/<language>/demo/`, in demonstrations only: ten minutes of things to try, and three mails.

The steps lead to the screens themselves. The phones show what left for three readers of the newest
digest: the frozen mails, with keys that open nothing, and what each weighs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alumni.models import Profile
from alumni.vocabulary import language_now
from cms.demo import steps
from newsletters import interests
from newsletters.markup import direction
from newsletters.models import Batch, Delivery, Edition, Issue, Newsletter, Subscriber, Subscription
from newsletters.pipeline import editions
from newsletters.pipeline.render import PREFERENCES, UNSUBSCRIBE

PHONES, LATEST = 3, 6
KILOBYTE = 1024
KEY = 22
"""Letters of a reader's key."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; frame-ancestors 'self'"
"""A mail carries its styles in itself; the site's own policy would take them away."""

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Phone:
    """A reader and the mail that he or she got."""

    url: str
    """Where the mail is shown."""
    reader: str
    """The invented address."""
    is_member: bool
    language: str
    """Its name in itself."""
    code: str
    direction: str
    follows: str
    subject: str
    kilobytes: float
    """Of the HTML on the wire, as the mailbox counts it."""
    entries: int
    text: str


def in_demonstrations(view: View) -> View:
    """Elsewhere there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(settings, "DEMO", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@never_cache
@in_demonstrations
def tour(request: HttpRequest) -> HttpResponse:
    """The steps and the phones; whoever may sign in, and where the mails are.

    Drawn anew on the way back, for whoever is signed in by then.
    """
    issue = _newest()
    visitor = getattr(request.user, "email", "")
    shown = {
        "visitor": visitor,
        "steps": steps.steps(mailbox(), visitor),
        "phones": list(_phones(issue, language_now())) if issue else [],
        "issue": issue,
        "colleagues": steps.colleagues(),
        "password": steps.PASSWORD,
        "mailbox": mailbox(),
        "clock": settings.PACK.clock,
    }
    response = render(request, "cms/demo.html", shown)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@in_demonstrations
def mail(request: HttpRequest, issue: str, key: str) -> HttpResponse:
    """One of the mails as a program for mail shows it; with `?pictures=off`, as a picky one."""
    edition = Edition.objects.filter(issue__key=issue, sha256__startswith=key).first()
    if edition is None or len(key) < len(_key(edition)):
        raise Http404
    response = HttpResponse(_dead(editions.mail(edition).html))
    pictures = "'none'" if request.GET.get("pictures") == "off" else "'self'"
    response._csp_exempt = True  # type: ignore[attr-defined]
    response["Content-Security-Policy"] = POLICY.format(pictures=pictures)
    response["X-Robots-Tag"] = "noindex"
    return response


def mailbox() -> str:
    """Where the demonstration's mail service shows what it took; empty for another service."""
    address = urlsplit(str(settings.ANYMAIL.get("MAILGUN_API_URL", "")))
    here = address.hostname in {"localhost", "127.0.0.1"}
    return f"{address.scheme}://{address.netloc}/" if here else ""


def _newest() -> Issue | None:
    """Of the latest digests the one in most languages."""
    reached = Batch.objects.filter(state=Batch.State.ACCEPTED).values("issue")
    digests = Issue.objects.filter(kind=Newsletter.Kind.DIGEST, pk__in=reached)
    spoken = Count("editions__language", filter=Q(editions__discreet=False), distinct=True)
    latest = digests.select_related("newsletter").annotate(spoken=spoken)
    return max(
        latest.order_by("-cutoff_at", "-pk")[:LATEST], key=lambda one: one.spoken, default=None
    )


def _phones(issue: Issue, language: str) -> Iterator[Phone]:
    """Readers as unlike as can be: a language each, of each the one who got most."""
    best: dict[str, Edition] = {}
    for edition in Edition.objects.filter(issue=issue, discreet=False).order_by("pk"):
        other = best.get(edition.language)
        if other is None or len(edition.selection) > len(other.selection):
            best[edition.language] = edition
    order = [code for code, _name in settings.LANGUAGES]
    for edition in sorted(best.values(), key=lambda one: order.index(one.language))[:PHONES]:
        whole = editions.mail(edition)
        info = get_language_info(edition.language)
        reader = _reader(edition)
        yield Phone(
            url=reverse("demo_mail", args=[issue.key, _key(edition)]),
            reader=reader.address if reader else "",
            is_member=Profile.objects.members().filter(subscriber=reader).exists(),
            language=info["name_local"],
            code=edition.language,
            direction=direction(edition.language),
            follows=_follows(reader, issue, language),
            subject=edition.subject,
            kilobytes=round(_weight(whole.html) / KILOBYTE, 1),
            entries=len(edition.selection),
            text=_dead(whole.text),
        )


def _reader(edition: Edition) -> Subscriber | None:
    """The first of those who got it."""
    got = Delivery.objects.filter(batch__edition=edition).order_by("pk")
    return Subscriber.objects.filter(pk__in=got.values("subscriber_id")[:1]).first()


def _follows(reader: Subscriber | None, issue: Issue, language: str) -> str:
    """What the reader follows, in words."""
    followed = Subscription.objects.filter(
        subscriber=reader, newsletter=issue.newsletter_id
    ).first()
    return interests.in_words(followed.interests, language) if followed else ""


def _weight(html: str) -> int:
    """Octets as the mail left: encoded the shorter way, with keys as long as a reader's."""
    whole = html.replace(UNSUBSCRIBE, "k" * KEY).replace(PREFERENCES, "k" * KEY)
    found = []
    for encoding in ("quoted-printable", "base64"):
        message = EmailMessage(policy=SMTP)
        message.set_content(whole, subtype="html", cte=encoding)
        lines = str(message.get_payload())
        found.append(len(lines) + lines.count("\n"))
    return min(found)


def _key(edition: Edition) -> str:
    return edition.sha256[:16]


def _dead(words: str) -> str:
    """With keys that open nothing where a reader's own would stand."""
    return words.replace(UNSUBSCRIBE, "demo").replace(PREFERENCES, "demo")
