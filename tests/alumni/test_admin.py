"""People and courses on the editors' side: found, saved, and closed to whoever has no business."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from alumni.joining.accounts import is_awaited
from alumni.models import Course, CourseRun, Enrolment, Profile, Programme, Project
from tests.alumni.conftest import CANARIES
from tests.factories.alumni import (
    CertificateFactory,
    CourseFactory,
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    ProgrammeFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LISTS = {
    "people": ProfileFactory,
    "enrolments": EnrolmentFactory,
    "course_runs": CourseRunFactory,
    "courses": CourseFactory,
    "projects": ProjectFactory,
    "programmes": ProgrammeFactory,
}
CHOOSER = "/cms/person_chooser/"


@pytest.fixture
def admin():
    client = Client()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


def texts(name, **by_language):
    return {f"{name}_{code}": by_language.get(code, "") for code in ("en", "fr", "ar", "pt")}


@pytest.mark.parametrize(("name", "factory"), LISTS.items())
def test_every_list_form_and_search_opens(admin, name, factory):
    row = factory()

    paths = ["", "new/", f"edit/{row.pk}/", f"delete/{row.pk}/", "?q=a"]
    if name == "people":
        paths.remove("new/")
    for path in paths:
        assert admin.get(f"/cms/{name}/{path}").status_code == 200


@pytest.mark.parametrize(("name", "factory"), LISTS.items())
def test_a_list_takes_the_same_queries_for_one_row_and_three(
    admin, name, factory, django_assert_max_num_queries
):
    counts = []
    admin.get(f"/cms/{name}/")
    for more in (1, 2):
        factory.create_batch(more)
        with django_assert_max_num_queries(60) as queries:
            admin.get(f"/cms/{name}/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_titles_are_searched_in_every_language(admin):
    CourseFactory(title={"en": "Evidence", "ar": "الأدلة"})
    CourseFactory(title={"en": "Border work"})

    text = admin.get("/cms/courses/?q=الأدلة").content.decode()

    assert "Evidence" in text
    assert "Border work" not in text


def test_a_course_is_entered_in_two_languages_with_its_modules(admin):
    programme = ProgrammeFactory()

    response = admin.post(
        "/cms/courses/new/",
        {
            **texts("title", en="Evidence", ar="الأدلة"),
            **texts("description"),
            "slug": "evidence",
            "programme": programme.pk,
            "modules-TOTAL_FORMS": 1,
            "modules-INITIAL_FORMS": 0,
            "modules-MIN_NUM_FORMS": 0,
            "modules-MAX_NUM_FORMS": 1000,
            **texts("modules-0-title", en="Frameworks"),
            **texts("modules-0-text"),
            "modules-0-ORDER": 1,
        },
    )

    course = Course.objects.get()
    assert response.status_code == 302
    assert course.title == {"en": "Evidence", "ar": "الأدلة"}
    assert [str(module) for module in course.modules.all()] == ["Frameworks"]


def test_a_title_is_asked_for_in_at_least_one_language_and_nothing_else_is_lost(admin):
    response = admin.post(
        "/cms/programmes/new/",
        {**texts("title"), "slug": "threats", **texts("description", fr="Un texte déjà écrit")},
    )

    text = response.content.decode()
    assert "This field is required." in text
    assert "Un texte déjà écrit" in text
    assert Programme.objects.count() == 0


def test_a_project_keeps_the_line_its_donor_asks_for(admin):
    admin.post(
        "/cms/projects/new/",
        {
            **texts("title", en="Stability III"),
            "slug": "stability-iii",
            "programme": ProgrammeFactory().pk,
            **texts("donor", en="A donor"),
            **texts("administering_partner"),
            **texts("acknowledgement", en="Made possible by a donor.", ar="بدعم من جهة مانحة."),
        },
    )

    acknowledgement = Project.objects.get().acknowledgement
    assert acknowledgement.in_language("ar") == "بدعم من جهة مانحة."
    assert acknowledgement.in_language("pt") == "Made possible by a donor."


def run_data(**changes):
    return {
        "course": CourseFactory().pk,
        "slug": "winter",
        "starts_on": "2026-02-02",
        "ends_on": "2026-02-05",
        **texts("place", en="Cairo", ar="القاهرة"),
        **texts("partners"),
        "country": "EG",
        "format": "regional",
        "languages_0": "en",
        "languages_1": "ar",
        "languages_2": "",
    } | changes


def test_a_run_is_entered_with_its_languages_in_order(admin):
    admin.post("/cms/course_runs/new/", run_data())

    run = CourseRun.objects.get()
    assert (run.languages, run.place.in_language("ar")) == (["en", "ar"], "القاهرة")


def test_a_run_that_ends_before_it_begins_is_refused_in_words(admin):
    response = admin.post("/cms/course_runs/new/", run_data(ends_on="2026-01-01"))

    assert "The last day must not be before the first day." in response.content.decode()
    assert CourseRun.objects.count() == 0


def test_the_short_name_of_a_run_stays_once_it_has_people(admin):
    admin.post("/cms/course_runs/new/", run_data())
    run = CourseRun.objects.get()
    edit = f"/cms/course_runs/edit/{run.pk}/"

    admin.post(edit, run_data(slug="mistyped-no-more"))
    run.refresh_from_db()
    assert run.slug == "mistyped-no-more"

    EnrolmentFactory(run=run)
    admin.post(edit, run_data(slug="another"))
    run.refresh_from_db()
    assert run.slug == "mistyped-no-more"
    assert re.search(r'name="slug"[^>]* disabled', admin.get(edit).content.decode())


def test_a_run_that_has_people_is_copied_under_another_short_name(admin):
    run = EnrolmentFactory().run
    page = admin.get(f"/cms/course_runs/copy/{run.pk}/").content.decode()

    assert not re.search(r'name="slug"[^>]* disabled', page)

    admin.post(f"/cms/course_runs/copy/{run.pk}/", run_data(slug="the-next-one"))
    assert set(CourseRun.objects.values_list("slug", flat=True)) == {run.slug, "the-next-one"}
    assert Enrolment.objects.get().run == run


def person_data(**changes):
    return {
        "given_name": "Amina",
        "family_name": "Otieno",
        "address": "Amina@Example.org",
        "country": "KE",
        "languages_0": "",
        "languages_1": "",
        "languages_2": "",
    } | changes


def test_no_form_of_one_colleague_makes_a_person(admin):
    answer = admin.post("/cms/people/new/", person_data())

    assert answer.status_code in {302, 403}
    assert not Profile.objects.exists()
    assert not is_awaited("amina@example.org")
    assert "/cms/people/new/" not in admin.get("/cms/people/").content.decode()


def test_staff_link_a_person_to_a_sign_in_by_its_address(admin):
    user = UserFactory(email="amina@example.org")
    profile = ProfileFactory()

    admin.post(f"/cms/people/edit/{profile.pk}/", person_data(user="AMINA@example.org"))

    profile.refresh_from_db()
    assert profile.user == user
    assert "amina@example.org" in admin.get(f"/cms/people/edit/{profile.pk}/").content.decode()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nobody@example.org", "Nobody signs in with this address."),
        ("taken@example.org", "Another person signs in with this address already."),
    ],
)
def test_a_sign_in_that_cannot_be_linked_is_named(admin, address, message):
    ProfileFactory(joined=True, address="taken@example.org")
    profile = ProfileFactory()

    response = admin.post(f"/cms/people/edit/{profile.pk}/", person_data(user=address))

    assert message in response.content.decode()


def test_staff_cannot_choose_who_may_find_a_person(admin):
    profile = ProfileFactory(joined=True)

    admin.post(
        f"/cms/people/edit/{profile.pk}/",
        person_data(
            user=profile.user.email, tier="network", public_name="on", shares_institution="on"
        ),
    )

    profile.refresh_from_db()
    assert profile.given_name == "Amina"
    assert (profile.tier, profile.public_name, profile.shares_institution) == ("", False, False)


def test_the_same_person_twice_in_a_run_is_refused_in_words(admin):
    enrolment = EnrolmentFactory()

    response = admin.post(
        "/cms/enrolments/new/",
        {
            "profile": enrolment.profile_id,
            "run": enrolment.run_id,
            "role": "participant",
            "completion": "completed",
        },
    )

    assert "already enrolled in this course run" in response.content.decode()
    assert Enrolment.objects.count() == 1


def test_nobody_completed_a_course_on_a_day_to_come(admin):
    today = timezone.localdate()
    data = {
        "profile": ProfileFactory().pk,
        "run": CourseRunFactory().pk,
        "role": "participant",
        "completion": "completed",
    }

    tomorrow = admin.post(
        "/cms/enrolments/new/", data | {"completed_on": today + dt.timedelta(days=1)}
    )
    assert "Write a day up to today." in tomorrow.content.decode()
    assert not Enrolment.objects.exists()

    admin.post("/cms/enrolments/new/", data | {"completed_on": today})
    assert Enrolment.objects.get().completed_on == today


def test_a_person_is_chosen_by_name(admin, canary):
    canary(joined=False)
    ProfileFactory(given_name="Other")

    text = admin.get(f"{CHOOSER}results/?q=qanary xanary").content.decode()

    assert "Qanarygiven" in text
    assert "Other" not in text


def test_an_editor_of_stories_sees_no_person_anywhere(editor, canary):
    profile = canary(joined=False)
    client = Client()
    client.force_login(editor)

    for path in (
        "/cms/",
        "/cms/people/",
        f"/cms/people/edit/{profile.pk}/",
        f"/cms/people/history/{profile.pk}/",
        f"/cms/people/usage/{profile.pk}/",
        "/cms/enrolments/",
        CHOOSER,
        f"{CHOOSER}results/",
        f"{CHOOSER}chosen/{profile.pk}/",
        f"{CHOOSER}chosen-multiple/?id={profile.pk}",
        "/cms/reports/site-history/",
    ):
        text = client.get(path, follow=True).content.decode()
        assert [value for value in CANARIES.values() if value in text] == [], path


def test_the_first_screen_offers_no_search_of_pages_to_whoever_may_see_none(admin):
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)

    assert 'role="search"' in admin.get("/cms/").content.decode()
    assert 'role="search"' not in client.get("/cms/").content.decode()


def test_permissions_open_one_list_and_not_the_others(editor):
    editor.user_permissions.add(Permission.objects.get(codename="change_courserun"))
    client = Client()
    client.force_login(editor)

    assert client.get("/cms/course_runs/").status_code == 200
    assert client.get("/cms/people/").status_code == 302
    assert client.get("/cms/projects/").status_code == 302


@pytest.mark.parametrize("screen", ["edit", "delete", "history", "usage"])
@pytest.mark.parametrize("kind", ["people", "enrolments", "certificates"])
def test_an_editor_without_rights_cannot_tell_which_numbers_exist(db, settings, kind, screen):
    settings.STAFF_SECOND_FACTOR = False
    editor = UserFactory()
    editor.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(editor)
    certificate = CertificateFactory()
    enrolment = certificate.enrolment
    rows = {"people": enrolment.profile, "enrolments": enrolment, "certificates": certificate}

    answers = [
        client.get(f"/cms/{kind}/{screen}/{pk}/") for pk in (rows[kind].pk, rows[kind].pk + 1000)
    ]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/cms/")] * 2
