"""The one policy, line by line: who sees which field of whom."""

import pytest
from django.utils.translation import override

from alumni import appearance, visibility
from alumni.appearance import CourseSeen, Seen
from alumni.models import Profile
from tests.alumni.conftest import CANARIES
from tests.factories.alumni import EnrolmentFactory, ProfileFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier

WHOLE = {
    "name": "Qanarygiven Xanaryfamily",
    "country": "Zambia",
    "region": "Southern Africa",
    "institution": "canary-institution",
    "institution_type": "Police",
    "post": "canary-post",
    "languages": ("Portuguese",),
    "expertise": ("Legislation and carrying out the UNTOC",),
    "biography": "canary-biography",
    "courses": (CourseSeen("Evidence", 2026, "winter"),),
}
TO_MEMBERS = WHOLE | {
    "institution": "",
    "post": "",
    "courses": (CourseSeen("Evidence", 2026),),
}
OF_THE_PROTECTED = {
    **dict.fromkeys(WHOLE, ""),
    "name": "Q. X.",
    "region": "Southern Africa",
    "institution_type": "Police",
    "languages": (),
    "expertise": (),
    "courses": (CourseSeen("Evidence", 2026),),
}


def shown(viewer, profile):
    people = visibility.visible_to(viewer).filter(pk=profile.pk)
    found = appearance.seen(viewer, people)
    return found[0] if found else None


def seen_by_each(viewers, profile):
    return {name: shown(viewer, profile) for name, viewer in viewers.items()}


def expected(profile, **by_viewer):
    return {
        name: Seen(key=profile.key, **by_viewer[name]) if name in by_viewer else None
        for name in (
            "anonymous",
            "member",
            "classmate",
            "nominated",
            "waiting",
            "staff",
            "editor",
            "inactive",
        )
    }


def test_nobody_but_staff_sees_someone_who_has_not_accepted(viewers, canary):
    profile = canary(joined=False)

    assert seen_by_each(viewers, profile) == expected(profile, staff=WHOLE)


def test_whoever_has_not_chosen_is_shown_as_initials_to_the_cohort_alone(viewers, canary):
    profile = canary()

    assert seen_by_each(viewers, profile) == expected(
        profile, classmate=OF_THE_PROTECTED, staff=WHOLE
    )


def test_nobody_may_find_me_is_the_same_as_no_choice(viewers, canary):
    profile = canary(Tier.PROTECTED, public_name=True, shares_institution=True)

    assert seen_by_each(viewers, profile) == expected(
        profile, classmate=OF_THE_PROTECTED, staff=WHOLE
    )


def test_people_of_my_course_see_the_whole_profile_and_others_nothing(viewers, canary):
    profile = canary(Tier.COHORT)

    assert seen_by_each(viewers, profile) == expected(profile, classmate=WHOLE, staff=WHOLE)


def test_the_network_sees_neither_institution_nor_post_without_consent(viewers, canary):
    profile = canary(Tier.NETWORK)

    assert seen_by_each(viewers, profile) == expected(
        profile, member=TO_MEMBERS, classmate=WHOLE, nominated=TO_MEMBERS, staff=WHOLE
    )


def test_the_network_sees_institution_and_post_with_consent(viewers, canary):
    profile = canary(Tier.NETWORK, shares_institution=True)

    assert shown(viewers["member"], profile) == Seen(
        key=profile.key, **TO_MEMBERS | {"institution": "canary-institution", "post": "canary-post"}
    )


def test_initials_stand_for_the_name_when_chosen(viewers, canary):
    profile = canary(Tier.NETWORK, shows_initials=True)

    assert shown(viewers["member"], profile).name == "Q. X."
    assert shown(viewers["classmate"], profile).name == "Q. X."
    assert shown(viewers["staff"], profile).name == "Qanarygiven Xanaryfamily"


def test_a_name_is_public_only_with_consent_and_never_of_the_protected(canary):
    profile = canary(Tier.NETWORK, public_name=True)
    strangers = visibility.Relation.STRANGER

    assert visibility.fields(profile, strangers) == {visibility.Field.NAME}
    profile.public_name = False
    assert visibility.fields(profile, strangers) == frozenset()
    profile.public_name, profile.tier = True, Tier.PROTECTED
    assert visibility.fields(profile, strangers) == frozenset()


def test_a_person_sees_the_own_profile_before_and_after_accepting(canary, waiting):
    joined = canary(Tier.PROTECTED)

    assert shown(joined.user, joined) == Seen(key=joined.key, **WHOLE)
    assert shown(waiting, waiting.profile).name == waiting.profile.name


def test_a_closed_account_is_no_longer_shown(member, classmate, canary):
    profile = canary(Tier.NETWORK)
    profile.user.is_active = False
    profile.user.save()

    assert shown(member, profile) is None
    assert shown(classmate, profile) is None


def test_names_of_places_and_terms_follow_the_language(viewers, canary):
    profile = canary(Tier.NETWORK)

    with override("ar"):
        seen = shown(viewers["member"], profile)

    assert (seen.country, seen.institution_type, seen.languages) == (
        "زامبيا",
        "الشرطة",
        ("البرتغالية",),
    )


def test_address_phone_role_and_gender_are_in_no_answer_to_anyone(viewers, canary):
    profile = canary(Tier.NETWORK, gender="f")

    for seen in seen_by_each(viewers, profile).values():
        text = repr(seen)
        assert CANARIES["phone"] not in text
        assert "canary-address" not in text
        assert "canary-sign-in" not in text
        assert "judge" not in text


def test_a_list_takes_the_same_queries_for_one_person_and_five(
    member, run, django_assert_num_queries
):
    for count in (1, 5):
        while Profile.objects.filter(tier=Tier.NETWORK).count() <= count:
            profile = ProfileFactory(joined=True, tier=Tier.NETWORK)
            EnrolmentFactory(profile=profile, run=run)
        viewer = type(member).objects.get(pk=member.pk)
        with django_assert_num_queries(7):
            people = visibility.visible_to(viewer).prefetch_related("enrolments__run__course")
            assert len(appearance.seen(viewer, people)) == count + 1
