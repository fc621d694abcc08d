"""Who is found by whom: a field that is hidden from the viewer changes nothing."""

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from alumni import visibility
from alumni.directory import search
from alumni.directory.search import Asked
from alumni.models import Profile
from alumni.visibility import Field
from tests.factories.alumni import EnrolmentFactory, ProfileFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier

BY_FIELD = {
    Field.NAME: Asked(words="Qanarygiven"),
    Field.COUNTRY: Asked(where="ZM"),
    Field.REGION: Asked(where="region:southern"),
    Field.INSTITUTION: Asked(words="canary-institution"),
    Field.INSTITUTION_TYPE: Asked(institution_type="police"),
    Field.LANGUAGES: Asked(language="pt"),
    Field.EXPERTISE: Asked(expertise="legislation"),
    Field.BIOGRAPHY: Asked(words="biography canary"),
    Field.COURSES: Asked(course="evidence"),
}


@pytest.fixture
def zambia(settings):
    """The pack's code for the region of the canaries."""
    return next(region.code for region in settings.PACK.regions if "ZM" in region.countries)


def found(viewer, asked, profile):
    return profile.key in [person.key for person in search.find(viewer, asked).people]


@pytest.mark.parametrize("tier", ["", *Tier])
@pytest.mark.parametrize("flags", list(itertools.product([False, True], repeat=2)))
def test_a_field_finds_exactly_whoever_it_is_shown_to(viewers, canary, run, zambia, tier, flags):
    run.course.slug = "evidence"
    run.course.save()
    initials, shares = flags
    profile = canary(tier, shows_initials=initials, shares_institution=shares)
    asked = BY_FIELD | {Field.REGION: Asked(where=f"region:{zambia}")}

    wrong = []
    for who, viewer in viewers.items():
        row = visibility.visible_to(viewer).filter(pk=profile.pk).first()
        shown = visibility.fields(row, visibility.relation(viewer, row)) if row else frozenset()
        wrong += [
            (who, field)
            for field, question in asked.items()
            if found(viewer, question, profile) != (field in shown)
        ]

    assert wrong == []


def test_hidden_fields_change_neither_count_nor_order(member):
    for family in ("Beta", "Zeta"):
        ProfileFactory(joined=True, given_name="A", family_name=family, tier=Tier.NETWORK)
    hidden = ProfileFactory(
        joined=True,
        given_name="Omar",
        family_name="Aardvark",
        institution="Beta",
        shows_initials=True,
        tier=Tier.NETWORK,
    )

    before = search.find(member, Asked())
    Profile.objects.filter(pk=hidden.pk).update(family_name="Azzz", given_name="Olga")
    after = search.find(member, Asked())

    assert [p.key for p in before.people] == [p.key for p in after.people]
    assert search.find(member, Asked(words="beta")).count == 1
    assert search.find(member, Asked(words="aardvark")).count == 0


def test_a_stranger_finds_nobody(canary):
    canary(Tier.NETWORK, public_name=True)

    assert search.find(AnonymousUser(), Asked()).count == 0


@pytest.mark.parametrize(
    ("given", "family", "words"),
    [
        ("Inês", "Macuácua", "INES macuacua"),
        ("Ousmane", "N’Diaye", "n'diayé"),
        ("أحمد", "مصطفى", "احمد مصطفي"),
        ("فاطمة", "الإدريسي", "فاطمه الادريسى"),
        ("مُحَمَّد", "آل سعيد", "محمد ال"),
        ("Øyvind", "Łukasz", "oyvind luk"),
        ("Moussa", "Sow-Ba", "sow-b"),
    ],
)
def test_names_are_found_without_accents_and_with_other_forms_of_letters(
    member, given, family, words
):
    profile = ProfileFactory(joined=True, given_name=given, family_name=family, tier=Tier.NETWORK)

    assert found(member, Asked(words=words), profile)


def test_a_name_counts_more_than_expertise_and_that_more_than_the_biography(member):
    def person(**fields):
        return ProfileFactory(joined=True, tier=Tier.NETWORK, **fields).key

    about = person(family_name="A", biography="Much on referral.")
    knows = person(family_name="B", expertise=["referral"])
    place = person(family_name="C", institution="Referral house", shares_institution=True)
    named = person(family_name="Referral")

    people = search.find(member, Asked(words="referral")).people

    assert [p.key for p in people] == [named, knows, place, about]


def test_expertise_is_found_by_its_name_in_any_language(member, settings):
    topic = next(t for t in settings.PACK.topics if t.code == "referral")
    profile = ProfileFactory(joined=True, tier=Tier.NETWORK, expertise=["referral"])

    with override("en"):
        assert found(member, Asked(words=topic.names["ar"]), profile)
        assert found(member, Asked(words=topic.names["fr"]), profile)


@pytest.mark.parametrize("words", ["'", "\\", "a' | 'b", "!!!", "%", "\x00", "<->", "' : * &"])
def test_signs_break_nothing_and_find_nobody_or_words(member, words):
    search.find(member, Asked(words=words.replace("\x00", "")))


def test_pages_are_stable_and_hold_twenty_four(member):
    for _number in range(30):
        ProfileFactory(joined=True, given_name="S", family_name="Same", tier=Tier.NETWORK)

    first = search.find(member, Asked(words="same"), page=1)
    second = search.find(member, Asked(words="same"), page=2)

    keys = [p.key for p in first.people + second.people]
    assert (first.count, first.pages, len(first.people), len(second.people)) == (30, 2, 24, 6)
    assert len(set(keys)) == 30


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(member, run):
    def queries():
        viewer = type(member).objects.get(pk=member.pk)
        with CaptureQueriesContext(connection) as captured:
            search.find(viewer, Asked(words="person"))
        return len(captured)

    def add(number):
        for _number in range(number):
            profile = ProfileFactory(joined=True, biography="person", tier=Tier.NETWORK)
            EnrolmentFactory(profile=profile, run=run)

    add(1)
    with_one = queries()
    add(5)

    assert queries() == with_one


@pytest.mark.parametrize("most", [search.MOST, 2])
def test_few_answers_and_more_than_can_be_listed_hide_the_same(member, monkeypatch, most):
    monkeypatch.setattr(search, "MOST", most)
    shown = {"joined": True, "tier": Tier.NETWORK, "biography": "Seldomword", "given_name": "A"}
    people = [ProfileFactory(family_name=name, **shown) for name in ("Beta", "Delta", "Zeta")]
    ProfileFactory(family_name="Alpha", **shown | {"tier": Tier.COHORT})
    ProfileFactory(family_name="Seldomword", **shown | {"biography": "", "shows_initials": True})
    ProfileFactory(family_name="Eta", institution="Seldomword", **shown | {"biography": ""})

    found = search.find(member, Asked(words="seldom"))

    assert [p.key for p in found.people] == [p.key for p in people][:most]
    assert found.count == min(3, most)


def test_counting_puts_nobody_in_order(member):
    ProfileFactory(joined=True, tier=Tier.NETWORK, biography="word")

    with CaptureQueriesContext(connection) as captured:
        search.find(member, Asked(words="word"))

    counting = [q["sql"] for q in captured if q["sql"].startswith("SELECT COUNT")]
    assert len(counting) == 1
    assert "ORDER BY" not in counting[0]


def test_who_changes_the_profile_is_found_by_the_new_words_alone(member):
    profile = ProfileFactory(joined=True, tier=Tier.NETWORK, family_name="Before")

    Profile.objects.filter(pk=profile.pk).update(family_name="Áfter")

    assert found(member, Asked(words="after"), profile)
    assert not found(member, Asked(words="before"), profile)
