"""Setting up an empty database, and setting it up again."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.models import Locale, Page, Site

from alumni.models import Course, CourseRun, Project, User
from cms.models import CoursePage, HomePage, StoryIndexPage, Topic
from newsletters.models import Cadence, Letter, Newsletter, SiteInstance, Wording

pytestmark = pytest.mark.django_db
LANGUAGES = list(settings.PACK.languages)


def everything():
    """Every row of every table that holds content, as the database has it."""
    tables = [
        table
        for table in connection.introspection.table_names()
        if table.startswith(("alumni_", "cms_", "newsletters_", "wagtailcore_", "auth_group"))
    ]
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f'SELECT md5(t::text) FROM "{table}" t')  # noqa: S608
            found[table] = sorted(row[0] for row in cursor.fetchall())
    return found


def set_up(**options):
    call_command("setup", no_input=True, **options)


def test_an_empty_database_becomes_a_site_in_every_language():
    set_up()

    homes = HomePage.objects.live().order_by("pk")
    assert [home.locale.language_code for home in homes] == LANGUAGES
    assert len({home.translation_key for home in homes}) == 1
    for home in homes:
        assert [child.slug for child in home.get_children()] == [
            "countries",
            "stories",
            "calls",
            "courses",
            "programmes",
            "resources",
            "privacy",
            "imprint",
        ]
        assert home.course.locale == home.locale
        assert home.course.course_run.slug == settings.PACK.training.runs[0].slug
    assert Site.objects.get().root_page.specific == homes[0]
    assert not Page.objects.exact_type(Page).filter(depth=2).exists()


def test_the_pack_is_in_the_database():
    set_up()

    pack = settings.PACK
    taught = pack.training.runs
    run = CourseRun.objects.get(slug=taught[0].slug)
    newsletter = Newsletter.objects.get(kind="digest")
    assert Topic.objects.count() == len(pack.topics) * len(LANGUAGES)
    assert run.project.acknowledgement == pack.training.projects[0].acknowledgement
    assert run.course.modules.count() == len(pack.training.courses[0].modules)
    worded = Wording.objects.filter(newsletter=newsletter).values_list("language", flat=True)
    assert sorted(worded) == sorted(LANGUAGES)
    assert newsletter.postal_address == pack.postal_address
    assert Cadence.objects.filter(newsletter=newsletter).count() == 3
    assert SiteInstance.objects.get().name == settings.SITE_INSTANCE
    assert CoursePage.objects.count() == len(taught) * len(LANGUAGES)


def test_setting_up_again_changes_nothing():
    set_up()
    before = everything()

    set_up()

    assert everything() == before


def test_what_an_editor_changed_stays():
    set_up()
    Course.objects.update(title={"en": "Renamed"})
    Project.objects.update(acknowledgement={"en": "As agreed later"})
    Topic.objects.filter(code="referral").update(title="Renamed")
    Newsletter.objects.update(hour=17)
    StoryIndexPage.objects.update(title="Renamed")
    Group.objects.get(name="Editors").permissions.clear()
    Site.objects.update(hostname="elsewhere.example")

    set_up()

    assert {course.title["en"] for course in Course.objects.all()} == {"Renamed"}
    words = {project.acknowledgement["en"] for project in Project.objects.all()}
    assert words == {"As agreed later"}
    assert set(Topic.objects.filter(code="referral").values_list("title", flat=True)) == {"Renamed"}
    assert Newsletter.objects.get(kind="digest").hour == 17
    assert set(StoryIndexPage.objects.values_list("title", flat=True)) == {"Renamed"}
    assert not Group.objects.get(name="Editors").permissions.exists()
    assert Site.objects.get().hostname == "elsewhere.example"


def test_a_language_that_came_later_is_added():
    set_up()
    gone = Locale.objects.get(language_code=LANGUAGES[-1])
    HomePage.objects.get(locale=gone).delete()
    Topic.objects.filter(locale=gone).delete()

    set_up()

    assert HomePage.objects.filter(locale=gone).exists()
    assert Topic.objects.filter(locale=gone).count() == len(settings.PACK.topics)


def test_the_first_administrator_gets_the_test_mail_and_stays_as_is():
    set_up(admin_email="Head@Example.org")
    User.objects.update(first_name="Head")

    set_up(admin_email="head@example.org")

    admin = User.objects.get()
    assert (admin.email, admin.first_name, admin.is_superuser) == ("head@example.org", "Head", True)
    assert not admin.has_usable_password()
    assert [(letter.kind, letter.to) for letter in Letter.objects.all()] == [
        ("test", "head@example.org")
    ]


def test_a_copied_database_stays_silent_until_it_is_claimed(capsys):
    set_up()
    SiteInstance.objects.update(name="https://elsewhere.example")

    set_up()
    warned = capsys.readouterr().err
    silent = SiteInstance.objects.get().name
    set_up(claim_database=True)

    assert "nothing is mailed" in warned
    assert silent == "https://elsewhere.example"
    assert SiteInstance.objects.get().name == settings.SITE_INSTANCE


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"admin_email": "nonsense"}, "--admin-email: This is not"),
        ({"test_mail": "nonsense"}, "--test-mail: This is not"),
        ({"site_url": "https://other.example"}, "Set SITE_URL=https://other.example"),
    ],
)
def test_nonsense_is_refused_in_words(options, message):
    with pytest.raises(CommandError, match=message):
        set_up(**options)


def test_the_packs_newsletter_that_asks_is_found_with_its_steps_and_hour():
    set_up()
    set_up()

    asks = Newsletter.objects.get(slug="after-the-course")
    assert (asks.kind, asks.is_open) == ("written", False)
    assert [step.code for step in asks.steps.all()][:2] == ["3-months", "3-months-again-1"]
    assert [row.frequency for row in asks.cadences.all()] == ["daily"]
