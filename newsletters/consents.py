"""In: a reader. Out: what he or she agreed to, and the sentence that is agreed to."""

from __future__ import annotations

from django.utils.translation import gettext, override

from newsletters.models import Consent, Newsletter, Subscriber


def agreed(subscriber: Subscriber) -> dict[str, Consent]:
    """The consent that each newsletter comes by, by the newsletter's slug: why somebody gets it."""
    rows = Consent.objects.filter(
        subject=f"subscriber:{subscriber.pk}", purpose__startswith="newsletter:"
    )
    found: dict[str, Consent] = {}
    for row in rows:
        slug = row.purpose.partition(":")[2]
        if row.given:
            found[slug] = row
        else:
            found.pop(slug, None)
    return found


def sentence(newsletter: Newsletter, language: str) -> str:
    """What the confirmation page asks, word for word."""
    with override(language):
        return gettext(
            "Send me “%(newsletter)s” by e-mail until I say stop. I can leave with one click."
        ) % {"newsletter": newsletter.wording(language).name}
