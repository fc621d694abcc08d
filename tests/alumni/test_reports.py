"""A project's report: right figures, nobody to be seen, frozen, and gone when its link ends."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import translation

from alumni.followup import readings, reports
from alumni.models import (
    Answer,
    Change,
    CourseRun,
    Indicator,
    Profile,
    ProjectReport,
    ReportLink,
)
from alumni.privacy import erasure
from tests.factories.alumni import (
    AnswerFactory,
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)


@pytest.fixture
def project():
    return ProjectFactory(title={"en": "Stability VII", "ar": "الاستقرار ٧"})


def cohort(project, women=7, men=9, **fields):
    run = CourseRunFactory(project=project)
    people = [ProfileFactory(gender="f", given_name="Qanary") for _n in range(women)]
    people += [ProfileFactory(gender="m", family_name="Xanary") for _n in range(men)]
    Profile.objects.filter(pk__in=[one.pk for one in people]).update(
        accepted_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), answers_questions=True
    )
    return [EnrolmentFactory(run=run, profile=one, **fields) for one in people]


def answers(enrolments, *firsts, **fields):
    for enrolment, first in zip(enrolments, firsts, strict=False):
        AnswerFactory(enrolment=enrolment, first=first, **fields)


def sisters(project, number):
    return [ProjectFactory(programme=project.programme) for _n in range(number)]


def read(project, language="en"):
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    return readings.read(report, language)


def shown(bars):
    return [bar.count for bar in bars]


def test_people_are_counted_once_and_by_gender(project):
    enrolments = cohort(project)
    again = CourseRunFactory(project=project)
    EnrolmentFactory(run=again, profile=enrolments[0].profile)
    EnrolmentFactory(run=again, completion="nominated")
    EnrolmentFactory(run=again, role="trainer")
    cohort(ProjectFactory())

    reading = read(project)

    assert (reading.people, shown(reading.trained)) == (16, [7, 9, 16])
    assert reading.countries == ("Kenya",)
    assert len(reading.courses) == 2


@pytest.mark.parametrize(("women", "men"), [(2, 14), (14, 2), (4, 12)])
def test_a_few_women_among_many_men_are_not_counted_apart(project, women, men):
    cohort(project, women, men)

    assert shown(read(project).trained)[:2] == [None, None]


def test_who_was_erased_stays_trained_once(project):
    enrolments = cohort(project)
    leaver = enrolments[0].profile
    again = CourseRunFactory(project=project)
    EnrolmentFactory(run=again, profile=leaver)
    EnrolmentFactory(run=again, profile=enrolments[8].profile, completion="nominated")
    trainer = EnrolmentFactory(run=again, role="trainer").profile
    before = read(project)

    for profile in (leaver, trainer):
        erasure.erase(profile=profile, by=None, language="en")

    after = read(project)
    assert (after.people, shown(after.trained)) == (16, [7, 9, 16])
    assert (after.people, after.trained, after.countries) == (
        before.people,
        before.trained,
        before.countries,
    )


def test_a_handful_of_people_is_no_figure_at_all(project):
    cohort(project, 2, 2)

    reading = read(project)

    assert (reading.people, shown(reading.trained), reading.countries) == (None, [None] * 3, ())
    assert reading.is_something_hidden


def test_who_applied_it_stands_beside_the_benchmark(project):
    enrolments = cohort(project)
    answers(enrolments, *["used"] * 7, *["not-yet"] * 5)

    wave, *later = read(project).waves

    assert (wave.circle, wave.answered, wave.asked) == ("people of this project", 12, 16)
    assert wave.applied is not None
    assert (wave.applied.count, wave.applied.percent) == (7, 58)
    assert [one.circle for one in later] == ["", ""]
    assert [(bar.label, bar.percent) for bar in read(project).benchmark] == [
        ("2015", 79),
        ("2016", 82),
    ]


def test_too_few_answers_climb_to_the_programme_which_is_named(project):
    for one in (project, *sisters(project, 2)):
        answers(cohort(one), *["used"] * 4)
    answers(cohort(ProjectFactory()), *["cannot"] * 16)

    wave = read(project).waves[0]

    assert (wave.circle, wave.answered, wave.asked) == ("people of the programme", 12, 48)


def test_a_handful_is_not_what_a_programme_has_beyond_another_report(project):
    [sister] = sisters(project, 1)
    for one, many in ((project, 4), (sister, 8)):
        answers(cohort(one), *["cannot"] * many, others={"barriers": ["no-time"]})

    reading = read(project)

    assert read(sister).waves[0].answered == 8
    assert (reading.waves[0].circle, reading.waves[0].bars, reading.barriers) == ("", (), ())
    # Two handfuls that are enough together are told apart by nobody.
    [third] = sisters(project, 1)
    answers(cohort(third), *["cannot"] * 3, others={"barriers": ["no-time"]})
    again = read(project)
    assert (again.waves[0].answered, again.barriers[0].of) == (15, 15)


def test_nor_is_one_answer_of_it(project):
    [large, small] = sisters(project, 2)
    answers(cohort(large), *["used"] * 8, *["cannot"] * 6, others={"barriers": ["no-time"]})
    answers(cohort(project), *["used"] * 3, "cannot", others={"barriers": ["no-time"]})
    answers(cohort(small), *["used"] * 3, others={"barriers": ["no-support"]})

    reading = read(project)

    # 14 − 8 and 7 − 6 would tell who could not: both are hidden, as is what they leave.
    assert reading.waves[0].answered == 21
    assert {bar.label: bar.count for bar in reading.waves[0].bars if bar.count} == {}
    assert [bar.count for bar in reading.barriers if bar.count] == []


def test_nobody_counts_as_asked_before_the_wave_fell_due(project, time_machine):
    time_machine.move_to(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    answers(cohort(project), *["used"] * 8)
    young = cohort(project)
    CourseRun.objects.filter(pk=young[0].run_id).update(ends_on=dt.date(2026, 5, 28))

    asked = [wave.asked for wave in read(project).waves]

    assert asked == [16, None, None]


def test_who_answered_before_being_asked_counts_as_asked(project, time_machine):
    time_machine.move_to(dt.datetime(2026, 2, 20, tzinfo=dt.UTC))
    answers(cohort(project), *["used"] * 8)

    wave = read(project).waves[0]

    assert (wave.answered, wave.asked) == (8, 8)


def test_its_name_has_dates_as_they_are_written_where_it_is_read(project):
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)

    with translation.override("en"):
        assert str(report) == "Stability VII, 1 January 2026 to 31 December 2026"
    with translation.override("ar"):
        assert "2026-01-01" not in str(report)
        assert "الاستقرار ٧" in str(report)


@pytest.mark.parametrize("demo", [True, False])
def test_figures_of_a_demonstration_say_that_they_are_invented(project, settings, demo):
    settings.DEMO = demo
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    _link, token = reports.share(report=report, note="x", days=1, by=None)

    page = Client().get(f"/en/reports/{token}/").content.decode()
    table = Client().get(f"/en/reports/{token}/report.csv").content.decode()

    assert ("Figures invented" in page, "Figures invented" in table) == (demo, demo)


def test_what_hidden_means_is_said_where_something_is(project):
    answers(cohort(project), *["used"] * 8, *["cannot"] * 2)
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    _link, token = reports.share(report=report, note="x", days=1, by=None)

    page = Client().get(f"/en/reports/{token}/").content.decode()

    assert ">hidden<" in page
    assert "fewer than 5 people" in page


def test_tables_are_tables_and_no_number_stands_twice(project):
    """What is pasted into a word processor: marks that it knows, and no bar that reads as text."""
    answers(cohort(project), *["used"] * 8, *["cannot"] * 6)
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    _link, token = reports.share(report=report, note="x", days=1, by=None)

    page = Client().get(f"/en/reports/{token}/").content.decode()
    sheet = page[page.index("<article") : page.index("</article>")]

    assert "<meter" not in sheet
    assert re.findall(r"<h(\d)", sheet)[0] == "1"
    assert all("<th" in table for table in sheet.split("<table")[1:])


def test_a_programme_needs_ten(project):
    answers(cohort(project), *["used"] * 4)
    answers(cohort(ProjectFactory(programme=project.programme)), *["used"] * 5)

    wave = read(project).waves[0]

    assert (wave.circle, wave.answered, wave.bars) == ("", None, ())


def test_barriers_that_few_named_are_hidden(project):
    enrolments = cohort(project)
    answers(enrolments[:8], *["cannot"] * 8, others={"barriers": ["no-time"]})
    answers(enrolments[8:11], *["cannot"] * 3, others={"barriers": ["no-support"]})

    bars = {bar.label: bar.count for bar in read(project).barriers}

    assert (bars["No time"], bars["No support from above"]) == (8, None)


def test_a_person_counts_with_the_newest_barriers_only(project):
    enrolments = cohort(project)
    answers(enrolments, *["cannot"] * 16, others={"barriers": ["no-time"]})
    answers(enrolments, *["cannot"] * 16, wave="6-months", others={"barriers": ["moved"]})

    bars = {bar.label: bar.count for bar in read(project).barriers}

    assert (bars["No time"], bars["I have another post now"]) == (0, 16)


def test_changes_are_told_as_their_authors_said_and_not_once_taken_back(project):
    enrolments = cohort(project)
    Profile.objects.update(tier="network")
    for use, enrolment in zip(Change.Use, enrolments, strict=False):
        Change.objects.create(
            profile=enrolment.profile, enrolment=enrolment, kind="law", text=f"text {use}", use=use
        )
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)

    told = readings.read(report, "en").changes
    Change.objects.update(use="nobody")

    name = Profile.objects.get(changes__text="text public").name
    assert [(one.text, one.by) for one in told] == [("text unnamed", ""), ("text public", name)]
    assert readings.read(report, "en").changes == ()


def test_someone_at_risk_is_never_named(project):
    enrolment = cohort(project)[0]
    Profile.objects.update(tier="protected")
    Change.objects.create(
        profile=enrolment.profile, enrolment=enrolment, kind="law", text="t", use="public"
    )

    assert [one.by for one in read(project).changes] == [""]


def test_figures_stay_as_they_were(project):
    enrolments = cohort(project)
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)

    enrolments[0].delete()
    answers(enrolments[1:], *["used"] * 10)

    reading = readings.read(report, "en")
    assert (reading.people, reading.waves[0].answered) == (16, None)


def test_targets_stand_beside_what_was_reached(project):
    Indicator.objects.create(
        project=project, title={"en": "Procedures"}, target=12, value=7, as_at=FIRST
    )

    [goal] = read(project).goals

    assert (goal.title, goal.baseline, goal.target, goal.value) == ("Procedures", "", "12", "7")


def test_it_reads_in_every_language_and_names_nobody(project):
    answers(cohort(project), *["used"] * 8)
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    _link, token = reports.share(report=report, note="The donor", days=30, by=None)

    for language in ("en", "fr", "ar", "pt"):
        page = Client().get(f"/{language}/reports/{token}/")
        table = Client().get(f"/{language}/reports/{token}/report.csv")
        assert (page.status_code, table.status_code) == (200, 200)
        assert "anary" not in page.content.decode() + table.content.decode()
        assert page["X-Robots-Tag"] == "noindex, noarchive"
    assert "الاستقرار ٧" in Client().get(f"/ar/reports/{token}/").content.decode()


def test_a_link_is_kept_as_a_hash_and_ends(project, time_machine):
    time_machine.move_to(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    (ended, first), (_lapsed, second) = (
        reports.share(report=report, note="x", days=days, by=None) for days in (30, 1000)
    )
    assert first not in str(ReportLink.objects.values())

    reports.end(link=ended, by=None)
    time_machine.shift(dt.timedelta(days=89))
    assert [reports.opened_by(token) for token in (first, second)] == [None, report]
    time_machine.shift(dt.timedelta(days=2))
    assert reports.opened_by(second) is None

    tokens = (first, second, "x" * 32)
    pages = [Client().get(f"/en/reports/{token}/") for token in tokens]
    assert {page.status_code for page in pages} == {404}
    assert "seven days" not in pages[0].content.decode()
    told = {
        page.content.replace(token.encode(), b"") for page, token in zip(pages, tokens, strict=True)
    }
    assert len(told) == 1


def test_cells_are_never_formulas(project):
    enrolment = cohort(project)[0]
    Profile.objects.update(tier="network")
    for text in ("=1+1", "＝1", "\t=1", " @x"):
        Change.objects.create(
            profile=enrolment.profile, enrolment=enrolment, kind="law", text=text, use="unnamed"
        )
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    _link, token = reports.share(report=report, note="x", days=1, by=None)

    table = Client().get(f"/en/reports/{token}/report.csv").content.decode("utf-8-sig")

    told = [row[2] for row in csv.reader(io.StringIO(table, newline="")) if row[0] == "Changes"]
    assert told == ["'=1+1", "'＝1", "'\t=1", "' @x"]


def test_the_number_of_queries_does_not_grow(project, django_assert_max_num_queries):
    answers(cohort(project), *["used"] * 16)
    cohort(project)

    with django_assert_max_num_queries(30):
        read(project)


@pytest.fixture
def officer():
    """Looks after people on the editors' side."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["access_admin", "view_profile"])
    )
    client = Client()
    client.force_login(user)
    return client


def test_staff_make_share_and_end_it(officer, project, settings):
    settings.STAFF_SECOND_FACTOR = False
    cohort(project)
    period = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}

    made = officer.post("/cms/reports-of-projects/", {"project": project.pk, **period})
    pressed = officer.post(made["Location"], {"note": "The donor", "days": "30"})
    page = officer.get(pressed["Location"]).content.decode()

    token = page.split("/en/reports/")[1].split("/")[0]
    address = f"/en/reports/{token}/"
    assert Client().get(address).status_code == 200
    assert token not in officer.get(made["Location"]).content.decode()
    assert (pressed.status_code, ReportLink.objects.count()) == (302, 1)

    asked = f"{made['Location']}links/{ReportLink.objects.get().pk}/end/"
    assert f'href="{asked}"' in page
    assert "for “The donor” will open nothing" in officer.get(asked).content.decode()
    assert Client().get(address).status_code == 200
    pressed = officer.post(asked, follow=True).content.decode()

    assert Client().get(address).status_code == 404
    assert "It opens nothing any more" in pressed
    assert "links/" not in pressed


def test_a_link_is_ended_beneath_its_own_report_alone(officer, project, settings):
    settings.STAFF_SECOND_FACTOR = False
    mine, other = (
        reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None) for _n in range(2)
    )
    link, token = reports.share(report=mine, note="x", days=1, by=None)

    answer = officer.post(f"/cms/reports-of-projects/{other.key}/links/{link.pk}/end/")

    assert answer.status_code == 404
    assert Client().get(f"/en/reports/{token}/").status_code == 200


def test_without_days_it_is_about_all_courses_of_the_project_so_far(
    officer, project, settings, time_machine
):
    settings.STAFF_SECOND_FACTOR = False
    time_machine.move_to(dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC))
    for day in ("2025-03-07", "2026-06-05", "2026-12-04"):
        CourseRunFactory(project=project, starts_on="2025-03-03", ends_on=day)
    earlier = CourseRunFactory(
        project=ProjectFactory(), starts_on="2024-01-01", ends_on="2024-01-05"
    )

    form = officer.get("/cms/reports-of-projects/").context["form"]
    officer.post("/cms/reports-of-projects/", {"project": project.pk})
    officer.post("/cms/reports-of-projects/", {"project": project.pk, "ends_on": "2025-01-31"})
    refused = officer.post(
        "/cms/reports-of-projects/", {"project": project.pk, "starts_on": "2026-11-21"}
    )

    assert form["project"].value() == project.pk != earlier.project_id
    made = ProjectReport.objects.order_by("pk").values_list("starts_on", "ends_on")
    assert [[str(day) for day in days] for days in made] == [
        ["2025-03-07", "2026-11-20"],
        ["2025-01-31", "2025-01-31"],
    ]
    assert "The last day must not be before the first day." in refused.content.decode()


def test_a_dead_link_says_whom_to_ask_and_nothing_else(project, settings):
    report = reports.make(project=project, starts_on=FIRST, ends_on=LAST, by=None)
    link, token = reports.share(report=report, note="The donor", days=7, by=None)
    reports.end(link=link, by=None)

    page = Client().get(f"/en/reports/{token}/").content.decode()

    assert f'href="mailto:{settings.PACK.contact}"' in page.split("<main")[1].split("</main>")[0]
    assert "The donor" not in page
    assert str(project) not in page.split("<main")[1].split("</main>")[0]


def test_an_editor_without_the_right_makes_none(project, settings):
    settings.STAFF_SECOND_FACTOR = False
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="access_admin"))
    client = Client()
    client.force_login(user)

    assert client.get("/cms/reports-of-projects/").status_code in {302, 403}
    assert Answer.objects.count() == 0
