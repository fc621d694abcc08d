"""The colleagues' screens of joining: the count that moves, the buttons, and who may press them."""

import csv
import datetime as dt
import io
import re

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from alumni.joining import accounts, doors, invitations, slips
from alumni.joining.doors import Stand
from alumni.models import Access, Call, Invitation, Profile, Slip, Wave
from alumni.privacy import consents
from newsletters.addresses import masked
from newsletters.spreadsheets.safe import formula_safe
from tests.alumni.test_doors_invitations import everything_stored
from tests.factories.alumni import (
    JOINED,
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

RUN = "/cms/joining/winter/"
VERBS = ("start/", "stop/", "identify/x/", "identify/x/undo/", "turn-away/x/", "slips/", "call/x/")


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def run():
    return CourseRunFactory(slug="winter", languages=["en"])


def client_with(*rights):
    user = UserFactory()
    for right in ("access_admin", *rights):
        user.user_permissions.add(Permission.objects.get(codename=right))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def colleague():
    return client_with("view_profile", "change_profile")


def someone(run, **fields):
    profile = ProfileFactory(**fields)
    EnrolmentFactory(run=run, profile=profile)
    return profile


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_screen_counts_who_has_joined_and_its_parts_answer_alone(run, colleague):
    someone(run, joined=True)
    for _other in range(15):
        someone(run)

    whole, parts = colleague.get(RUN), colleague.get(f"{RUN}?parts")

    assert "1 of 16 joined" in text(whole)
    assert "1 of 16 joined" in text(parts)
    assert "<html" not in parts.content.decode()
    assert "follow.js" in whole.content.decode()
    assert "data-moves" in parts.content.decode()


def test_the_screen_keeps_still_once_everyone_has_joined(run, colleague):
    someone(run, joined=True)

    assert "data-moves" not in colleague.get(RUN).content.decode()


def test_everyone_stands_where_he_or_she_is(run):
    now = dt.datetime.now(dt.UTC)
    someone(run, family_name="A joined", joined=True)
    someone(run, family_name="B slip", joined=True, door="slip")
    someone(run, family_name="C signed in", user=UserFactory())
    someone(run, family_name="D no address", address="")
    someone(run, family_name="E not invited")
    for name, days, bounced in (("F invited", 13, None), ("G silent", 14, None), ("H", 1, now)):
        mail(someone(run, family_name=name), run, days, bounced_at=bounced)

    stands = [row.stand for row in doors.people_of(run)]

    assert stands == [
        # A colleague has to say who it is, so this one comes before the others.
        Stand.TO_IDENTIFY,
        Stand.JOINED,
        Stand.ARRIVED,
        Stand.NO_ADDRESS,
        Stand.NOT_INVITED,
        Stand.INVITED,
        Stand.SILENT,
        Stand.BOUNCED,
    ]


def mail(profile, run, days, **fields):
    sent = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    return Invitation.objects.create(
        profile=profile,
        run=run,
        address=profile.address,
        step="first",
        hash=f"hash of {profile.pk}",
        sent_at=sent,
        expires_at=sent + dt.timedelta(days=14),
        **fields,
    )


def test_a_mended_address_is_invited_anew(run, colleague):
    profile = someone(run)
    mail(profile, run, 1, bounced_at=dt.datetime.now(dt.UTC))
    Profile.objects.update(address="mended@example.org")
    colleague.post(f"{RUN}start/")

    assert doors.people_of(run)[0].stand is Stand.NOT_INVITED
    assert invitations.send_due() == 1


def test_the_screen_takes_the_same_queries_for_one_person_and_four(
    run, colleague, django_assert_max_num_queries
):
    someone(run)
    colleague.get(RUN)
    counts = []
    for more in (0, 3):
        for _person in range(more):
            someone(run)
        with django_assert_max_num_queries(60) as queries:
            colleague.get(f"{RUN}?parts")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_newest_run_stands_first(colleague):
    for slug, year in (("old", 2021), ("new", 2026), ("middle", 2024)):
        days = {"starts_on": dt.date(year, 3, 2), "ends_on": dt.date(year, 3, 6)}
        someone(CourseRunFactory(slug=slug, **days))

    page = colleague.get("/cms/joining/").content.decode()

    assert re.findall(r'href="/cms/joining/(\w+)/"', page) == ["new", "middle", "old"]


def test_the_list_of_runs_takes_the_same_queries_for_one_and_three(
    run, colleague, django_assert_max_num_queries
):
    someone(run)
    colleague.get("/cms/joining/")
    counts = []
    for more in (0, 2):
        for _run in range(more):
            someone(CourseRunFactory())
        with django_assert_max_num_queries(60) as queries:
            answer = colleague.get("/cms/joining/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert text(answer).count("0 of 1") == 3


def test_the_button_starts_and_stops_and_looking_does_not(run, colleague):
    assert colleague.get(f"{RUN}start/").status_code == 405
    assert not Wave.objects.exists()

    colleague.post(f"{RUN}start/")
    assert Wave.objects.get().state == "running"

    colleague.post(f"{RUN}stop/")
    assert (Wave.objects.get().state, Wave.objects.get().why) == ("stopped", "staff")


def test_a_wave_that_stopped_by_itself_says_why_and_what_to_do(run, colleague):
    someone(run)
    Wave.objects.create(
        run=run, state="stopped", stopped_at=JOINED, why="bounces", bounced=2, invited=16
    )

    shown = text(colleague.get(RUN))

    assert "of 16 people invited, the mailboxes of 2 do not exist" in shown
    assert "Go on inviting" in shown


def test_whoever_only_looks_presses_nothing(run):
    person = someone(run, joined=True, door="slip", phone="+1")
    looks = client_with("view_profile")

    shown = looks.get(RUN)

    assert shown.status_code == 200
    assert "This is the person" not in text(shown)
    assert "Came with" not in text(shown)
    for verb in VERBS:
        answer = looks.post(f"{RUN}{verb.replace('x', person.key)}")
        assert answer.status_code != 200
    person.refresh_from_db()
    assert not person.is_identified
    assert not Wave.objects.exists()
    assert not Slip.objects.exists()


def test_whoever_looks_after_nobody_sees_nothing(run):
    someone(run)
    editor = client_with()

    for path in ("/cms/joining/", RUN, f"{RUN}slips/", "/cms/joining/unknown/"):
        answer = editor.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/cms/")


def test_the_sheet_shows_each_code_once_in_the_person_s_language(run, colleague):
    someone(run, given_name="Amina", languages=["ar"])
    someone(run, given_name="Joana", languages=["pt"])
    someone(run, given_name="Joined", joined=True)

    asked = colleague.get(f"{RUN}slips/")
    assert not Slip.objects.exists()
    sheet = colleague.post(f"{RUN}slips/")

    body = sheet.content.decode()
    codes = re.findall(r"\d{4} \d{4} \d{4} \d{4}", body)
    assert '<link rel="icon"' in body
    assert "2 cards" in text(asked)
    assert len(set(codes)) == body.count('<svg class="qr"') == 2
    assert '<article lang="ar" dir="rtl">' in body
    assert '<article lang="pt" dir="ltr">' in body
    assert "Joined" not in body
    assert "no-store" in sheet["Cache-Control"]
    assert all(code.replace(" ", "") not in everything_stored() for code in codes)
    assert ModelLogEntry.objects.get(action="alumni.slips").data == {"people": 2}


def test_printing_again_warns_first(run, colleague):
    someone(run)
    colleague.post(f"{RUN}slips/")

    assert "1 code that was printed or told before stops working" in text(
        colleague.get(f"{RUN}slips/")
    )


def test_a_recorded_call_shows_a_code_once(run, colleague):
    person = someone(run, phone="+254 20 1")

    form = colleague.get(f"{RUN}call/{person.key}/")
    told = colleague.post(f"{RUN}call/{person.key}/", {"result": "reached"})

    [code] = re.findall(r"\d{4} \d{4} \d{4} \d{4}", told.content.decode())
    assert "+254 20 1" in text(form)
    assert slips.try_code(code, network="") == Slip.objects.get(door="call")
    assert "no-store" in told["Cache-Control"]
    assert Call.objects.get().by == told.wsgi_request.user


def test_a_person_of_another_run_is_not_found(run, colleague):
    someone(run)
    stranger = someone(CourseRunFactory(), phone="+1", joined=True, door="slip")

    for path in ("call", "identify", "turn-away"):
        answers = [
            colleague.post(f"{RUN}{path}/{key}/", {"result": "reached"}).status_code
            for key in (stranger.key, "nobody")
        ]
        assert answers == [404, 404]


def test_whoever_has_come_and_not_accepted_yet_stands_there_without_a_time(run, colleague):
    person = someone(run, door="slip", user=UserFactory())

    shown = text(colleague.get(RUN))

    assert masked(person.user.email, shown=3) in shown
    assert f"{masked(person.user.email, shown=3)} ," not in shown


def test_this_is_the_person(run, colleague):
    person = someone(run, joined=True, door="call")
    shown = text(colleague.get(RUN))
    assert "This is the person" in shown
    assert f"Came with {masked(person.user.email, shown=3)}" in shown
    assert person.user.email not in shown

    answer = colleague.post(f"{RUN}identify/{person.key}/")

    person.refresh_from_db()
    assert person.is_member
    assert person.identified_by == answer.wsgi_request.user


def test_a_wrong_press_is_taken_back_within_the_hour_by_whoever_pressed(run, colleague):
    person = someone(run, joined=True, door="slip")
    colleague.post(f"{RUN}identify/{person.key}/")
    assert "Undo “This is the person”" in text(colleague.get(RUN))

    answer = colleague.post(f"{RUN}identify/{person.key}/undo/")

    person.refresh_from_db()
    assert (person.is_member, person.identified_by) == (False, None)
    entry = ModelLogEntry.objects.get(action="alumni.not_identified")
    assert (entry.user, entry.data["person"]) == (answer.wsgi_request.user, person.key)
    assert "This is the person" in text(colleague.get(RUN))

    colleague.post(f"{RUN}identify/{person.key}/")
    Profile.objects.filter(pk=person.pk).update(
        identified_at=timezone.now() - accounts.UNDONE_WITHIN
    )
    assert "Undo “This" not in text(colleague.get(RUN))
    late = colleague.post(f"{RUN}identify/{person.key}/undo/", follow=True)
    person.refresh_from_db()
    assert person.is_member
    assert f"{person.name} stays a member" in text(late)


def test_nobody_takes_back_what_a_colleague_said(run, colleague):
    person = someone(run, joined=True, door="slip")
    assert accounts.identify(profile=person, by=UserFactory())

    assert "Undo “This" not in text(colleague.get(RUN))
    colleague.post(f"{RUN}identify/{person.key}/undo/")

    person.refresh_from_db()
    assert person.is_member


def test_this_is_not_the_person_is_asked_first(run, colleague):
    person = someone(run, joined=True, door="slip")

    asked = text(colleague.get(f"{RUN}turn-away/{person.key}/"))

    assert "Whoever came is not" in asked
    assert "Turn away: this is not the person" in asked
    person.refresh_from_db()
    assert person.user is not None

    assert accounts.identify(profile=person, by=UserFactory())
    assert colleague.get(f"{RUN}turn-away/{person.key}/").url == RUN


def test_a_colleague_who_was_faster_is_told_of(run, colleague):
    person = someone(run, joined=True, door="slip")
    colleague.get(f"{RUN}turn-away/{person.key}/")
    assert accounts.identify(profile=person, by=UserFactory())

    answer = colleague.post(f"{RUN}turn-away/{person.key}/", follow=True)

    person.refresh_from_db()
    assert person.is_member
    assert f"Nobody was turned away from {person.name}" in text(answer)


def test_this_is_not_the_person_and_the_place_waits_again(run, colleague):
    person = someone(run, joined=True, door="slip", tier=Profile.Tier.NETWORK)

    colleague.post(f"{RUN}turn-away/{person.key}/")

    person.refresh_from_db()
    assert (person.user, person.has_accepted, person.tier, person.door) == (None, False, "", "")
    [withdrawn] = consents.history(person)
    assert (withdrawn.purpose, withdrawn.given) == ("membership", False)


def test_what_a_stranger_let_the_centre_ask_is_not_asked_of_the_person(run, colleague):
    person = someone(run, joined=True, door="slip", answers_questions=True)

    colleague.post(f"{RUN}turn-away/{person.key}/")

    person.refresh_from_db()
    assert not person.answers_questions
    withdrawn = {(one.purpose, one.given) for one in consents.history(person)}
    assert withdrawn == {("membership", False), ("survey", False)}


def test_a_member_who_is_known_is_not_turned_away(run, colleague):
    person = someone(run, joined=True)

    colleague.post(f"{RUN}turn-away/{person.key}/")

    person.refresh_from_db()
    assert person.is_member


def test_the_call_list_leaves_safe_to_open_with_its_purpose_written_down(run, colleague):
    someone(run, given_name="=cmd()", family_name="A", address="", phone="+254 1")
    someone(run, given_name="Not", family_name="yet")
    refused = someone(run, given_name="Does not", family_name="want", address="")
    Call.objects.create(profile=refused, number="1", result="refused")

    without = colleague.post(f"{RUN}calls/", {"purpose": ""})
    answer = colleague.post(f"{RUN}calls/", {"purpose": "calls on Monday"})

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert without.status_code == 302
    assert rows[1:] == [["'=cmd() A", "'+254 1", "Kenya", "no address", ""]]
    [look] = Access.objects.all()
    assert (look.what, look.detail, look.by) == (
        "list",
        "calls on Monday",
        answer.wsgi_request.user.pk,
    )
    entry = ModelLogEntry.objects.get(action="alumni.call_list")
    assert entry.data == {"purpose": "calls on Monday", "people": 1}
    assert colleague.get(f"{RUN}calls/").status_code == 405


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", " =1"])
def test_no_cell_begins_a_formula(cell):
    assert formula_safe(cell).startswith("'")


def test_the_call_list_is_who_did_not_answer_within_two_weeks(run, colleague):
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=False):
        someone(run)
        colleague.post(f"{RUN}start/")
        invitations.send_due()

    with time_machine.travel(dt.datetime(2026, 11, 17, 9, tzinfo=dt.UTC), tick=False):
        [row] = doors.people_of(run)

    assert (row.stand, row.has_to_be_called) == (Stand.SILENT, True)


def test_where_everyone_has_joined_no_door_is_offered(run, colleague):
    for _person in range(2):
        someone(run, joined=True)
    colleague.post(f"{RUN}start/")

    page = colleague.get(RUN)

    assert "2 of 2 joined" in text(page)
    assert "Everyone of this course has joined" in text(page)
    for door in ("start/", "stop/", "slips/", "calls/"):
        assert f'{RUN}{door}"' not in page.content.decode()


def test_who_has_signed_in_needs_no_door_either(run, colleague):
    someone(run, user=UserFactory())

    page = colleague.get(RUN)

    assert "Everyone has found a way in" in text(page)
    assert "Print joining slips" not in text(page)


def test_a_course_without_people_says_how_to_begin(run, colleague):
    assert "bring in its people from a list" in text(colleague.get(RUN))


def test_the_run_leads_to_its_follow_up_and_names_stale_profiles(run, colleague):
    now = dt.datetime.now(dt.UTC)
    someone(run, family_name="Long ago", joined=True, reviewed_at=now - dt.timedelta(days=366))
    someone(run, family_name="Of late", joined=True, reviewed_at=now)

    page = colleague.get(RUN).content.decode()

    assert f'href="{RUN}follow-up/"' in page
    stale = page.partition('data-part="stale"')[2].partition("</table>")[0]
    assert "Long ago" in stale
    assert "Of late" not in stale
