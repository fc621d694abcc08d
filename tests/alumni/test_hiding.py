"""Hide me now: out of everything at once, and back exactly as before."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from alumni import appearance, positions, profiles, visibility
from alumni.models import Access, Hiding, Profile
from alumni.privacy import hiding
from tests.factories.alumni import EnrolmentFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier
HIDE = "/en/members/me/hide/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def seen_by(viewer, profile):
    people = visibility.visible_to(viewer).filter(pk=profile.pk)
    return [one.name for one in appearance.seen(viewer, people)]


@pytest.fixture
def officer():
    return UserFactory(is_superuser=True, is_staff=True, first_name="Mariam", last_name="Desk")


def test_a_hidden_person_is_seen_by_staff_and_oneself_alone(viewers, canary):
    profile = canary(Tier.NETWORK, public_name=True)

    hiding.hide_me(profile=profile, by=profile.user)

    seeing = {name for name, viewer in viewers.items() if seen_by(viewer, profile)}
    assert seeing == {"staff"}
    counted = {
        name
        for name, viewer in viewers.items()
        if visibility.visible_to(viewer).filter(pk=profile.pk).exists()
    }
    assert counted == {"staff"}
    assert seen_by(profile.user, profile) == ["Qanarygiven Xanaryfamily"]
    fresh = Profile.objects.get(pk=profile.pk)
    assert visibility.fields(fresh, visibility.Relation.STRANGER) == frozenset()
    assert visibility.byline(fresh, "Q. X., Zambia") == ""


def test_what_was_chosen_holds_again_afterwards(viewers, canary):
    profile = canary(Tier.COHORT, shares_institution=True)
    before = {name: seen_by(viewer, profile) for name, viewer in viewers.items()}

    hiding.hide_me(profile=profile, by=profile.user)
    assert hiding.show_me(profile=profile, by=profile.user)

    assert {name: seen_by(viewer, profile) for name, viewer in viewers.items()} == before
    row = Hiding.objects.get()
    assert (row.ended_by, row.is_own) == (profile.user, True)


def test_two_clicks_from_the_own_page(canary, classmate):
    profile = canary(Tier.COHORT)
    client = signed_in(profile.user)
    assert f'href="{HIDE}"' in client.get("/en/members/me/").content.decode()
    assert "Hide me now" in client.get(HIDE).content.decode()
    assert seen_by(classmate, profile) != []

    client.post(HIDE, {"do": "hide"})

    assert seen_by(classmate, profile) == []
    assert "You are hidden" in client.get(HIDE).content.decode()
    assert "You are hidden" in client.get("/en/members/me/").content.decode()
    client.post(HIDE, {"do": "show"})
    assert seen_by(classmate, profile) != []


def test_opening_the_page_hides_nobody(canary, classmate):
    profile = canary(Tier.COHORT)

    signed_in(profile.user).get(HIDE)

    assert seen_by(classmate, profile) != []


def test_hiding_twice_is_hiding_once(canary):
    profile = canary(Tier.NETWORK)

    first, again = (hiding.hide_me(profile=profile, by=profile.user) for _n in range(2))

    assert first == again
    assert hiding.show_me(profile=profile, by=profile.user)
    assert not visibility.is_hidden(profile)


@pytest.mark.parametrize("spelling", ["canary-institution", "CANARY-Institution", "canary-then"])
def test_staff_hide_an_institution_as_it_is_or_was(officer, member, canary, spelling):
    profile = canary(Tier.NETWORK)

    hiding.hide(by=officer, why="raid", institution=spelling)

    assert seen_by(member, profile) == []


def test_a_country_hides_newcomers_too_and_moving_shows_nobody(officer, member, canary):
    profile = canary(Tier.NETWORK)
    profile.enrolments.update(country="ZM")
    row = hiding.hide(by=officer, why="coup", country="ZM")
    newcomer = ProfileFactory(joined=True, tier=Tier.NETWORK, country="ZM")
    elsewhere = ProfileFactory(joined=True, tier=Tier.NETWORK, country="KE")

    profiles.update(profile=profile, changes={"country": "KE"}, by=profile.user)

    assert [seen_by(member, one) for one in (profile, newcomer)] == [[], []]
    assert seen_by(member, elsewhere) == [elsewhere.name]
    hiding.end(hiding=row, by=officer)
    assert seen_by(member, newcomer) == [newcomer.name]


def test_moving_out_of_a_hidden_institution_shows_nobody(officer, member, canary):
    profile = canary(Tier.NETWORK)
    hiding.hide(by=officer, why="a threat", institution=profile.institution)
    profile.enrolments.update(institution="")

    elsewhere = positions.Post("Another house", "", "", dt.date(2026, 1, 1))
    positions.move(profile=profile, to=elsewhere, by=profile.user)

    assert seen_by(member, profile) == []
    assert [row.pk for row in hiding.people(Hiding.objects.get())] == [profile.pk]


def test_a_person_does_not_end_what_staff_did(officer, member, canary):
    profile = canary(Tier.NETWORK)
    hiding.hide_me(profile=profile, by=profile.user)
    hiding.hide(by=officer, why="threat", profile=profile)

    assert not hiding.show_me(profile=profile, by=profile.user)

    assert seen_by(member, profile) == []
    assert "hidden you for your protection" in signed_in(profile.user).get(HIDE).content.decode()


def test_staff_do_not_end_what_a_person_did(officer, canary):
    profile = canary(Tier.NETWORK)
    own = hiding.hide_me(profile=profile, by=profile.user)

    with pytest.raises(PermissionDenied):
        hiding.end(hiding=own, by=officer)


def test_staff_say_why_and_the_person_reads_it(officer, canary):
    profile = canary(Tier.NETWORK)

    with pytest.raises(ValidationError):
        hiding.hide(by=officer, why="  ", profile=profile)
    row = hiding.hide(by=officer, why="a threat was reported", profile=profile)
    hiding.end(hiding=row, by=officer)

    lines = Access.objects.filter(subject=profile.key).values_list("what", "detail", "by_name")
    assert list(lines) == [
        ("shown", "", "Mariam Desk"),
        ("hidden", "a threat was reported", "Mariam Desk"),
    ]


def test_nobody_else_hides_or_shows_a_person(canary, member):
    profile = canary(Tier.NETWORK)

    with pytest.raises(PermissionDenied):
        hiding.hide_me(profile=profile, by=member)
    with pytest.raises(PermissionDenied):
        hiding.show_me(profile=profile, by=member)


@pytest.mark.parametrize(
    "target", [{}, {"institution": "a", "country": "KE"}, {"country": "KE", "is_own": True}]
)
def test_the_database_takes_one_target_only(target):
    with pytest.raises(IntegrityError), transaction.atomic():
        Hiding.objects.create(**target)


def test_staff_hide_and_show_on_their_screen(officer, member, canary):
    profile = canary(Tier.NETWORK)
    desk = signed_in(officer)

    desk.post("/cms/rights/hiding/", {"institution": "canary-institution", "why": "raid"})
    text = desk.get("/cms/rights/hiding/").content.decode()
    assert "canary-institution" in text
    assert "raid" in text
    assert seen_by(member, profile) == []

    row = Hiding.objects.get()
    assert desk.get(f"/cms/rights/hiding/{row.pk}/end/").status_code == 302
    assert seen_by(member, profile) == []
    desk.post(f"/cms/rights/hiding/{row.pk}/end/")
    assert seen_by(member, profile) != []


def test_the_screen_refuses_two_targets_and_nobody_s_institution(officer):
    desk = signed_in(officer)

    for data in (
        {"why": "raid"},
        {"why": "raid", "institution": "Nowhere"},
        {"why": "raid", "country": "KE", "institution": "a"},
    ):
        assert desk.post("/cms/rights/hiding/", data).status_code == 200
    assert Hiding.objects.count() == 0


def test_a_list_of_people_costs_the_same_with_hidings(officer, member, django_assert_num_queries):
    for code in ("ZM", "UG", "TZ"):
        hiding.hide(by=officer, why="raid", country=code)
    profile = ProfileFactory(joined=True, tier=Tier.NETWORK)
    EnrolmentFactory(profile=profile)
    viewer = type(member).objects.get(pk=member.pk)

    with django_assert_num_queries(7):
        people = visibility.visible_to(viewer).prefetch_related("enrolments__run__course")
        assert len(appearance.seen(viewer, people)) == 2
