"""The pages: the list, its quota, a course's people, how others see me, posts, the yearly look."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from alumni import appearance, positions, reviews, visibility
from alumni.directory import quota
from alumni.directory.quota import Look
from alumni.models import DirectoryUse, Position, Profile
from alumni.positions import Post
from alumni.visibility import Relation
from newsletters.models import Letter
from tests.factories.alumni import CourseRunFactory, ProfileFactory

pytestmark = pytest.mark.django_db
Tier = Profile.Tier


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def body(response):
    return response.content.decode()


def test_the_directory_needs_a_sign_in_and_a_membership(waiting, member, staff):
    assert Client().get("/en/members/").status_code == 302
    assert signed_in(waiting).get("/en/members/").url == "/en/members/me/"
    assert signed_in(member).get("/en/members/").status_code == 200
    assert signed_in(staff).get("/en/members/").status_code == 200


def test_members_pages_lead_to_one_another(classmate, run):
    client = signed_in(classmate)

    pages = [
        body(client.get(address))
        for address in ("/en/members/", f"/en/members/courses/{run.slug}/", "/en/members/me/")
    ]

    assert [page.count('<nav class="account-pages"') for page in pages] == [1, 1, 1]


def test_the_form_says_who_sees_the_institution_by_each_choice(member):
    page = body(signed_in(member).get("/en/members/me/"))

    assert "my initials, my region, the kind of my institution" in page
    assert "They see my profile with my institution and post." in page
    assert "Show my institution and post to members of other courses, too." in page
    assert "Whoever may find me" not in page


def test_the_directory_is_small_and_kept_out_of_search_engines(member):
    for number in range(30):
        ProfileFactory(
            joined=True,
            tier=Tier.NETWORK,
            given_name=f"Person {number}",
            expertise=["referral", "assistance"],
            languages=["en", "fr", "ar"],
        )

    response = signed_in(member).get("/en/members/")

    assert body(response).count("<h3>") == 24
    assert "noindex" in response["X-Robots-Tag"]
    assert len(response.content) < 60_000


def test_nothing_hidden_of_anyone_stands_in_the_directory(viewers, canary):
    canary()

    for who in ("member", "nominated"):
        for query in ("", "?q=canary", "?where=ZM", "?q=Qanarygiven"):
            page = body(signed_in(viewers[who]).get(f"/en/members/{query}"))
            assert "Xanary" not in page
            assert "canary-" not in page


def test_a_day_of_looking_ends_kindly_whatever_the_session(member, monkeypatch):
    monkeypatch.setitem(quota.A_DAY, Look.LIST, 2)
    for _number in range(2):
        assert signed_in(member).get("/en/members/").status_code == 200

    response = signed_in(member).get("/en/members/")

    assert response.status_code == 429
    assert "Enough for today" in body(response)
    assert [row.user for row in quota.used_up()] == [member]


def test_someone_hidden_and_nobody_use_up_the_same(member, canary, monkeypatch):
    hidden = canary(Tier.COHORT)
    client = signed_in(member)

    client.get(f"/en/members/{hidden.key}/")
    client.get("/en/members/mmmmmmmmmmmmmmmmmmmmmm/")
    client.get(f"/en/members/{member.profile.key}/")

    assert DirectoryUse.objects.get().people == 2
    monkeypatch.setitem(quota.A_DAY, Look.PERSON, 2)
    answers = {client.get(f"/en/members/{key}/").status_code for key in (hidden.key, "m" * 22)}
    assert answers == {429}


def test_staff_look_as_often_as_they_need(staff, monkeypatch):
    monkeypatch.setitem(quota.A_DAY, Look.LIST, 0)

    assert signed_in(staff).get("/en/members/").status_code == 200


def test_old_counters_go(member):
    quota.take(member, Look.LIST)

    assert quota.forget(timezone.localdate() + dt.timedelta(days=30)) == 0
    assert quota.forget(timezone.localdate() + dt.timedelta(days=31)) == 1


def test_the_people_of_a_course_are_for_its_people_alone(viewers, canary, run):
    canary()
    answers = {}
    for who in ("member", "classmate", "nominated", "waiting", "staff", "editor"):
        answers[who] = signed_in(viewers[who]).get("/en/members/courses/winter/")

    assert {who: answer.status_code for who, answer in answers.items()} == {
        "member": 404,
        "classmate": 200,
        "nominated": 404,
        "waiting": 404,
        "staff": 200,
        "editor": 404,
    }
    assert "Q. X." in body(answers["classmate"])
    assert "Qanary" not in body(answers["classmate"])


def test_a_foreign_course_answers_as_a_missing_one(member):
    CourseRunFactory(slug="foreign")
    client = signed_in(member)

    foreign = client.get("/en/members/courses/foreign/").content
    missing = client.get("/en/members/courses/nowhere/").content

    assert foreign.replace(b"foreign", b"") == missing.replace(b"nowhere", b"")


@pytest.mark.parametrize("tier", ["", *Tier])
@pytest.mark.parametrize("flags", [(False, False), (True, False), (False, True)])
def test_how_others_see_me_is_what_they_see(viewers, canary, tier, flags):
    profile = canary(tier, shows_initials=flags[0], shares_institution=flags[1])
    Position.objects.create(profile=profile, institution="Before", ends_on=dt.date(2020, 1, 1))

    for who, relation in (
        ("anonymous", Relation.STRANGER),
        ("member", Relation.MEMBER),
        ("classmate", Relation.COHORT),
        ("editor", Relation.STRANGER),
        ("staff", Relation.STAFF),
    ):
        row = visibility.visible_to(viewers[who]).filter(pk=profile.pk).first()
        real = appearance.shown_to(row, visibility.relation(viewers[who], row)) if row else None
        assert appearance.shown_to(profile, relation) == real, who


def test_how_a_member_sees_me_stands_on_the_page(canary):
    profile = canary(Tier.NETWORK)
    client = signed_in(profile.user)

    as_member = body(client.get("/en/members/me/seen-by/member/"))
    as_stranger = body(client.get("/en/members/me/seen-by/stranger/"))

    assert "canary-biography" in as_member
    assert "canary-institution" not in as_member
    assert "canary-biography" not in as_stranger
    assert client.get("/en/members/me/seen-by/nobody-known/").status_code == 404


def test_moving_keeps_history_and_the_enrolment_as_it_was(canary):
    profile = canary(Tier.NETWORK)
    to = Post("New place", "judiciary", "New post", dt.date(2026, 5, 1))

    profile = positions.move(profile=profile, to=to, by=profile.user)

    before = profile.positions.get()
    assert (profile.institution, profile.post) == ("New place", "New post")
    assert (before.institution, before.post) == ("canary-institution", "canary-post")
    assert before.ends_on == dt.date(2026, 5, 1)
    assert profile.enrolments.get().institution == "canary-then"


def test_earlier_posts_are_mended_without_touching_those_of_others(canary):
    profile, other = canary(), ProfileFactory(joined=True)
    foreign = Position.objects.create(profile=other, post="Theirs", ends_on=dt.date(2020, 1, 1))
    client = signed_in(profile.user)
    form = {
        "posts-TOTAL_FORMS": "2",
        "posts-INITIAL_FORMS": "1",
        "posts-0-id": str(foreign.pk),
        "posts-0-post": "Mine",
        "posts-0-ends_on": "2021-01-01",
        "posts-1-post": "Clerk",
        "posts-1-ends_on": "2019-01-01",
    }

    client.post("/en/members/me/posts/", form)

    foreign.refresh_from_db()
    assert (foreign.post, foreign.profile) == ("Theirs", other)
    assert [position.post for position in profile.positions.all()] == ["Clerk"]


def test_earlier_posts_show_to_whoever_sees_the_present_one(viewers, canary):
    profile = canary(Tier.NETWORK)
    Position.objects.create(profile=profile, institution="Old-place", ends_on=dt.date(2020, 1, 1))

    pages = {
        who: body(signed_in(viewers[who]).get(f"/en/members/{profile.key}/"))
        for who in ("member", "classmate")
    }

    assert "Old-place" not in pages["member"]
    assert "Old-place" in pages["classmate"]


def test_a_year_without_a_look_is_asked_about_once(canary, member):
    profile = canary(Tier.PROTECTED)
    now = timezone.now()
    Profile.objects.all().update(accepted_at=now)
    Profile.objects.filter(pk=profile.pk).update(accepted_at=now - dt.timedelta(days=366))

    asked = [reviews.ask(now), reviews.ask(now), reviews.ask(now + dt.timedelta(days=364))]

    letter = Letter.objects.get(to=profile.user.email)
    assert asked[:2] == [1, 0]
    assert letter.kind == "still_right"
    assert letter.params["discreet"] is True
    assert mail.outbox == []


def test_one_button_says_that_all_is_right(canary):
    profile = canary()
    Profile.objects.update(accepted_at=timezone.now() - dt.timedelta(days=400))
    client = signed_in(profile.user)
    assert "Yes, all right" in body(client.get("/en/members/me/"))

    client.post("/en/members/me/still-right/")

    assert "Yes, all right" not in body(client.get("/en/members/me/"))
    assert client.get("/en/members/me/still-right/")["Location"] == "/en/members/me/"


def test_who_may_write_to_me_is_my_choice(canary, member):
    profile = canary(Tier.NETWORK)
    page = f"/en/members/{profile.key}/"
    client = signed_in(member)

    offered = {}
    for choice in ("members", "cohort", "nobody"):
        Profile.objects.filter(pk=profile.pk).update(contact=choice)
        offered[choice] = f"/en/members/{profile.key}/write/" in body(client.get(page))

    assert offered == {"members": True, "cohort": False, "nobody": False}


def test_letting_more_people_write_asks_who_is_there(canary):
    profile = canary()
    Profile.objects.filter(pk=profile.pk).update(contact="nobody")
    client = signed_in(profile.user)

    client.post("/en/members/me/contact/", {"contact": "members"})

    profile.refresh_from_db()
    assert profile.contact == "nobody"


def test_letting_more_people_write_asks_members_without_a_password_too(canary):
    profile = canary()
    Profile.objects.filter(pk=profile.pk).update(contact="nobody")
    profile.user.set_unusable_password()
    profile.user.save()

    answer = signed_in(profile.user).post("/en/members/me/contact/", {"contact": "members"})

    profile.refresh_from_db()
    assert profile.contact == "nobody"
    assert "login" in answer["Location"]


def test_staff_see_whose_profile_is_old_and_who_looked_at_very_many(canary, staff, editor, member):
    canary()
    Profile.objects.update(accepted_at=timezone.now() - dt.timedelta(days=400))
    DirectoryUse.objects.create(
        user=member, day=timezone.localdate(), people=200, used_up_at=timezone.now()
    )
    staff.user_permissions.add(Permission.objects.get(codename="access_admin"))

    page = body(signed_in(staff).get("/cms/people-to-look-after/"))

    assert "Xanaryfamily" in page
    assert member.email in page
    assert signed_in(editor).get("/cms/people-to-look-after/").status_code != 200


def test_where_nobody_is_old_a_sentence_says_so_and_the_page_has_its_place(staff, member):
    staff.user_permissions.add(Permission.objects.get(codename="access_admin"))

    page = body(signed_in(staff).get("/cms/people-to-look-after/"))

    assert "Every member has looked at the own profile within a year." in page
    assert "0 members" not in page
    assert page.count("<h1") == 1
    assert "w-breadcrumbs" in page


def test_the_yearly_letter_is_one_that_a_person_at_risk_can_be_sent():
    letter = {"profile_url": "https://example.org/en/members/me/", "discreet": True}
    subject = render_to_string("emails/still_right/subject.txt", letter)

    assert subject.strip() == "Is this still right?"
