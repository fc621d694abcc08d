"""What a member agrees to, word for word, and the append-only record of it."""

from __future__ import annotations

from enum import Enum

from django.conf import settings
from django.utils.translation import gettext, override

from alumni.models import Profile
from newsletters.models import Consent

WORDING_VERSION = "2026-11-26"


class Purpose(Enum):
    """What one can agree to here; newsletters have their own."""

    MEMBERSHIP = "membership"
    COHORT = "directory:cohort"
    NETWORK = "directory:network"
    INSTITUTION = "directory:institution"
    SURVEY = "survey"
    RELAY = "relay"


def sentence(purpose: Purpose, language: str) -> str:
    """The sentence as the person reads it when agreeing."""
    pack = settings.PACK
    names = {
        "network": pack.name_of(pack.network_name, language),
        "when": pack.name_of(pack.followup.asked_when, language),
    }
    with override(language):
        return {
            Purpose.MEMBERSHIP: gettext(
                "I join %(network)s and keep my own profile there. I can leave at any time."
            ),
            Purpose.COHORT: gettext(
                "People of my course may find me and see my profile with my institution and post."
            ),
            Purpose.NETWORK: gettext(
                "Every member of %(network)s may find me and see my profile. People of other "
                "courses see it without my institution and post."
            ),
            Purpose.RELAY: gettext(
                "Members to whom I write, or whom I accept, may write to me through this site. "
                "Neither of us sees the other's address, and I can block anyone."
            ),
            Purpose.SURVEY: gettext(
                "The centre may ask me %(when)s what came of it. Only named staff read my answers."
            ),
            Purpose.INSTITUTION: gettext(
                "Members of other courses who may find me may see my institution and post, too."
            ),
        }[purpose] % names


def record(profile: Profile, purpose: Purpose, *, given: bool, language: str, how: str) -> Consent:
    """One row that nothing ever changes: who, what, in which words, when and how."""
    return Consent.objects.create(
        subject=f"profile:{profile.key}",
        purpose=purpose.value,
        given=given,
        wording=sentence(purpose, language),
        wording_version=WORDING_VERSION,
        language=language,
        how=how,
    )


def holds(profile: Profile, purpose: Purpose) -> bool:
    """Whether the person's last word on this was yes."""
    said = Consent.objects.filter(subject=f"profile:{profile.key}", purpose=purpose.value)
    last = said.order_by("-at", "-id").values_list("given", flat=True).first()
    return bool(last)


def history(profile: Profile) -> list[Consent]:
    """Everything this person agreed to and took back, oldest first."""
    return list(Consent.objects.filter(subject=f"profile:{profile.key}"))
