"""People with canary strings in every field, and visitors of each kind."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from alumni.followup import asking, rounds
from alumni.models import Enrolment, Profile
from newsletters import plans
from tests.factories.alumni import (
    JOINED,
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)
from tests.factories.newsletters import NewsletterFactory, own_this_database

CANARIES = {
    "given_name": "Qanarygiven",
    "family_name": "Xanaryfamily",
    "phone": "canary-phone",
    "institution": "canary-institution",
    "post": "canary-post",
    "biography": "canary-biography",
}


@pytest.fixture
def run():
    return CourseRunFactory(slug="winter")


@pytest.fixture
def canary(run):
    """A person on the roster of `run`, with a string of its own in every field."""

    def make(tier="", *, joined=True, **fields):
        profile = ProfileFactory(
            **CANARIES,
            address="canary-address@example.org",
            institution_type="police",
            country="ZM",
            role="judge",
            languages=["pt"],
            expertise=["legislation"],
            tier=tier,
            accepted_at=JOINED if joined else None,
            user=UserFactory(email="canary-sign-in@example.org") if joined else None,
            **fields,
        )
        EnrolmentFactory(
            profile=profile, run=run, institution="canary-then", post="canary-post-then"
        )
        return profile

    return make


@pytest.fixture
def member():
    return ProfileFactory(joined=True, tier=Profile.Tier.NETWORK).user


@pytest.fixture
def classmate(run):
    profile = ProfileFactory(joined=True)
    EnrolmentFactory(profile=profile, run=run)
    return profile.user


@pytest.fixture
def nominated(run):
    profile = ProfileFactory(joined=True)
    EnrolmentFactory(profile=profile, run=run, completion=Enrolment.Completion.NOMINATED)
    return profile.user


@pytest.fixture
def waiting(run):
    """Signed in, on the same roster, not joined."""
    profile = ProfileFactory(user=UserFactory())
    EnrolmentFactory(profile=profile, run=run)
    return profile.user


@pytest.fixture
def staff():
    user = UserFactory(email="staff@example.org")
    user.user_permissions.add(Permission.objects.get(codename="view_profile"))
    return user


@pytest.fixture
def editor():
    """Writes stories; looks after nobody."""
    user = UserFactory(email="editor@example.org")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return user


@pytest.fixture
def viewers(member, classmate, nominated, waiting, staff, editor):
    return {
        "anonymous": AnonymousUser(),
        "member": member,
        "classmate": classmate,
        "nominated": nominated,
        "waiting": waiting,
        "staff": staff,
        "editor": editor,
        "inactive": UserFactory(is_active=False),
    }


ENDED = dt.date(2026, 8, 27)
DAY = ENDED + dt.timedelta(weeks=13)
"""On which the first question about `ended_run` falls."""


@pytest.fixture
def asks(db):
    """The newsletter that asks, with its steps."""
    own_this_database()
    newsletter = NewsletterFactory(slug="after-the-course", kind="written", is_open=False)
    plans.ensure_steps(newsletter, rounds.steps())
    return newsletter


@pytest.fixture
def ended_run(db, time_machine):
    time_machine.move_to(dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC))
    return CourseRunFactory(slug="winter", starts_on=ENDED, ends_on=ENDED)


@pytest.fixture
def participant(asks, ended_run):
    """Makes someone who took part, has joined with a proved mailbox, and agreed to be asked."""

    def make(address, language="en", **facts):
        profile = ProfileFactory(joined=True, address=address, **facts)
        EnrolmentFactory(profile=profile, run=ended_run)
        assert asking.agree(profile=profile, given=True, language=language, by=profile.user)
        profile.refresh_from_db()
        return profile

    return make
