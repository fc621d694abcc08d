"""In: a member and a mailbox. Out: a letter that leads to "My stories" and tells none of them."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from alumni import visibility
from alumni.models import Profile
from alumni.relay.contact import language_of
from newsletters import letters


def post(*, kind: str, to: str, member: Profile) -> None:
    """Queue it in the member's language; `kind` says which folder of mails it is from."""
    language = language_of(member)
    with override(language):
        path = reverse("my_stories")
    letters.post(
        kind=kind,
        to=to,
        language=language,
        params={"stories_url": f"{settings.SITE_URL}{path}"},
        discreet=visibility.tier_of(member) is visibility.Tier.PROTECTED,
    )
