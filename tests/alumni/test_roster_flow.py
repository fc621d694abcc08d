"""The roster import in the admin: from a file to people, with a look at it before."""

import csv
import datetime as dt
import io
import re
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from alumni import roster, tasks
from alumni.models import Enrolment, Profile, RosterRow, RosterUpload, Slip, User
from alumni.roster import carry
from alumni.roster.columns import LABELS, NAMES, Column, column_of, columns_of_headings
from alumni.roster.files import open_table
from alumni.roster.template import OFFERED, headings
from alumni.roster.terms import Terms, offered
from newsletters.spreadsheets.words import folded
from tests.factories.alumni import (
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAYS_TO_COME = ("2025-11-21", "30 Nov", "46000", "1 June", "2025-11-20")
HEADER = "Given name,Family name,E-mail,Country,Institution,Date\n"
START = "/cms/rosters/"


def officer(address):
    user = UserFactory(email=address)
    for codename in ("access_admin", "view_profile", "add_profile", "view_enrolment"):
        user.user_permissions.add(Permission.objects.get(codename=codename))
    client = Client()
    client.force_login(user)
    return client


def test_an_invented_list_is_offered_in_a_demonstration_alone(desk, settings):
    settings.DEMO = True
    offered, file = desk.get(START), desk.get(f"{START}sample.csv")
    settings.DEMO = False

    assert "sample.csv" in offered.content.decode()
    assert file.content.decode("utf-16").count("@example.org") == 16
    assert "sample.csv" not in desk.get(START).content.decode()
    assert desk.get(f"{START}sample.csv").status_code == 404


@pytest.fixture
def desk():
    return officer("officer@example.org")


@pytest.fixture
def run():
    return CourseRunFactory(
        slug="winter", starts_on=dt.date(2025, 11, 3), ends_on=dt.date(2025, 11, 14)
    )


def sixteen():
    rows = [f"Given{n},Family{n},person{n}@example.org,KE,,\n" for n in range(13)]
    rows.insert(7, "Late,Comer,late@example.org,KE,,31 of June\n")
    rows += ["Grace,Phiri,office@example.org,ZM,,\n", "Moses,Zulu,OFFICE@example.org,ZM,,\n"]
    return HEADER + "".join(rows)


def many(count):
    return HEADER + "".join(f"Given{n},Name{n},p{n}@example.org,KE,,\n" for n in range(count))


def sent(desk, run, text, name="roster.csv", encoding="utf-16"):
    file = SimpleUploadedFile(name, text.encode(encoding) if isinstance(text, str) else text)
    return desk.post(START, {"run": run.pk, "file": file})


def looked_through(desk, run, text):
    """The address of a roster whose columns are what they were guessed to be."""
    answer = sent(desk, run, text)
    if answer.url.endswith("/columns/"):
        names = RosterUpload.objects.latest("pk").columns
        answer = desk.post(answer.url, {f"column_{n}": name for n, name in enumerate(names)})
    return answer.url.partition("#")[0]


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_walk_from_the_file_to_the_people(desk, run):
    address, _hash, place = sent(desk, run, sixteen()).url.partition("#")
    assert place == "row-9-COMPLETED_ON"
    plan = text_of(desk.get(address))

    assert "15 ready, 1 needs a date (row 9), 2 share a mailbox: kept as two people." in plan
    assert "Row 9 has “31 of June” for a date, and no such day falls into this course." in plan
    assert "like 2025-11-14; an empty cell means the last day of the course." in plan
    assert Profile.objects.count() == 0

    mended = desk.post(f"{address}rows/9/", {"COMPLETED_ON": "30 Nov"})
    assert mended.url == f"{address}#import"
    assert "16 ready, 2 share a mailbox: kept as two people." in text_of(desk.get(address))

    desk.post(f"{address}confirm/")
    done = text_of(desk.get(address))

    assert "16 new people were added. Nobody was mailed." in done
    assert str(Enrolment.objects.get(profile__given_name="Late").completed_on) == "2025-11-30"
    assert run.enrolments.count() == 16
    assert mail.outbox == []
    assert RosterRow.objects.count() == 0


def test_the_keyboard_goes_to_the_next_row_that_waits_and_at_last_to_the_button(desk, run):
    rows = ("31 Nov", "", "30 Nov", "soon", "2025-11-14")
    text = HEADER + "".join(f"A{n},B{n},p{n}@example.org,KE,,{day}\n" for n, day in enumerate(rows))
    address, _hash, place = sent(desk, run, text).url.partition("#")
    assert place == "row-2-COMPLETED_ON"
    assert f'id="{place}"' in desk.get(address).content.decode()
    assert "2 rows wait" in text_of(desk.get(address))

    def mend(row, day):
        return desk.post(f"{address}rows/{row}/", {"COMPLETED_ON": day}).url.partition("#")[2]

    assert mend(2, "still none") == "row-2-COMPLETED_ON"
    assert mend(2, "") == "row-5-COMPLETED_ON"
    assert mend(5, "14 novembre") == "import"
    shown = desk.get(address).content.decode()
    assert 'id="import"' in shown
    assert "“14 novembre” is taken for 2025-11-14, the year of the course." in shown
    assert "“30 Nov” is taken for 2025-11-30, the year of the course." in shown


def test_the_last_row_mended_leads_back_to_one_left_above_it(desk, run):
    text = HEADER + "A,B,a@example.org,KE,,soon\nC,D,c@example.org,KE,,soon\n"
    address = looked_through(desk, run, text)

    mended = desk.post(f"{address}rows/3/", {"COMPLETED_ON": ""})

    assert mended.url == f"{address}#row-2-COMPLETED_ON"


def test_a_day_that_a_long_course_met_in_two_years_is_said_to_be_such(desk, time_machine):
    time_machine.move_to(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC))
    long = CourseRunFactory(
        slug="long", starts_on=dt.date(2025, 1, 6), ends_on=dt.date(2025, 12, 10)
    )
    rows = "A,B,a@example.org,KE,,10 Jan\nC,D,c@example.org,KE,,31 June\n"

    shown = text_of(desk.get(looked_through(desk, long, HEADER + rows)))

    assert "Row 2 has “10 Jan” for a date, and it may be that of two years." in shown
    assert "Row 3 has “31 June” for a date, and no such day falls into this course." in shown


def test_a_row_that_waits_is_reached_from_wherever_the_list_is_looked_at(desk, run, monkeypatch):
    for place in ("screens", "views"):
        monkeypatch.setattr(f"alumni.roster.{place}.ROWS_ON_A_PAGE", 2)
    text = HEADER + "".join(f"A{n},B{n},p{n}@example.org,KE,,soon\n" for n in range(5))
    address = looked_through(desk, run, text + "F,G,f@example.org,KE,,\n")

    def place(url):
        shown, _hash, anchor = url.partition("#")
        assert f'id="{anchor}"' in desk.get(shown).content.decode()
        return url

    # The filter shows none that waits: the link leads to where they stand.
    filtered = desk.get(f"{address}?show=new").content.decode()
    assert f'<a href="{place(f"{address}#row-2-COMPLETED_ON")}">5 rows wait' in filtered
    still = desk.post(f"{address}rows/4/", {"COMPLETED_ON": "never"}).url
    assert place(still) == f"{address}?p=2#row-4-COMPLETED_ON"
    mended = desk.post(f"{address}rows/3/", {"COMPLETED_ON": ""}).url
    assert place(mended) == f"{address}#row-4-COMPLETED_ON"
    mended = desk.post(f"{address}rows/4/", {"COMPLETED_ON": ""}).url
    assert place(mended) == f"{address}#row-5-COMPLETED_ON"
    mended = desk.post(f"{address}rows/5/", {"COMPLETED_ON": ""}).url
    assert place(mended) == f"{address}#row-6-COMPLETED_ON"


def test_a_day_is_only_let_go_in_one_press_where_it_is_what_is_wrong(desk, run):
    head, rest = HEADER.rstrip("\n"), "A,B,a@example.org,KE,,2025-11-13,too much\n"
    shown = desk.get(looked_through(desk, run, f"{head}\n{rest}")).content.decode()
    assert 'value="2025-11-13"' in shown
    assert "It was the last day of the course" not in shown

    shown = desk.get(looked_through(desk, run, HEADER + "A,B,a@example.org,KE,,soon\n"))
    assert "It was the last day of the course" in shown.content.decode()


def test_a_day_to_come_and_a_day_of_no_year_say_what_to_write(desk, run, time_machine):
    time_machine.move_to(dt.datetime(2025, 11, 20, 12, tzinfo=dt.UTC))
    text = HEADER + "".join(
        f"A{n},B{n},p{n}@example.org,KE,,{day}\n" for n, day in enumerate(DAYS_TO_COME)
    )
    shown = text_of(desk.get(looked_through(desk, run, text)))

    for row, day in enumerate(DAYS_TO_COME[:3], 2):
        assert f"Row {row} has “{day}” for a date, which is still to come." in shown
    assert "Write a day up to today, like 2025-11-14;" in shown
    assert "Row 5 has “1 June” for a date, and no such day falls into this course." in shown
    assert "1 ready, 4 need a date (rows 2, 3, 4, 5)." in shown


def test_the_others_go_ahead_and_a_row_that_waits_is_mended_later(desk, run):
    address = looked_through(desk, run, sixteen())
    desk.post(f"{address}confirm/")

    assert "1 row still waits" in text_of(desk.get(address))
    assert list(RosterRow.objects.values_list("number", flat=True)) == [9]

    desk.post(f"{address}rows/9/", {"COMPLETED_ON": ""})
    desk.post(f"{address}confirm/")

    assert run.enrolments.count() == 16
    assert RosterRow.objects.count() == 0
    assert RosterUpload.objects.get().added == 16


def test_mending_one_row_looks_again_at_those_it_touched(desk, run):
    text = HEADER + (
        "Amina,Otieno,amina@example.org,KE,,\n"
        "Amina,Otieno,amina@example.org,UG,,\n"
        "Paul,Banda,broken@@,ZM,,\n"
    )
    address = looked_through(desk, run, text)
    assert "1 ready, 1 needs a decision (row 3), 1 needs an address (row 4)" in text_of(
        desk.get(address)
    )

    desk.post(f"{address}rows/3/", {"GIVEN_NAME": "Amal", "FAMILY_NAME": "Otieno"})
    desk.post(f"{address}rows/4/", {"EMAIL": "amina@example.org"})

    assert "3 ready, 3 share a mailbox: kept as so many people." in text_of(desk.get(address))


def test_what_is_filled_is_shown_and_what_a_member_wrote_stays(desk, run):
    ProfileFactory(
        given_name="Amina", family_name="Otieno", address="amina@example.org", country=""
    )
    member = ProfileFactory(
        joined=True,
        given_name="Paul",
        family_name="Banda",
        address="paul@example.org",
        country="UG",
        institution="",
    )
    text = HEADER + (
        "Amina,Otieno,amina@example.org,KE,Court,\nPaul,Banda,paul@example.org,ZM,Court,\n"
    )
    address = looked_through(desk, run, text)

    page = text_of(desk.get(address))
    assert "country empty → Kenya" in page
    assert "Kept as it stands: country." in page

    desk.post(f"{address}confirm/")
    member.refresh_from_db()
    assert (member.country, member.institution) == ("UG", "")
    assert Profile.objects.get(given_name="Amina").country == "KE"


def test_from_a_cell_that_is_too_long_the_filters_still_lead_to_the_list(desk, run):
    address = looked_through(desk, run, sixteen())

    page = desk.post(f"{address}rows/9/", {"COMPLETED_ON": "x" * 2001})

    assert page.status_code == 422
    for filtered in re.findall(r'href="([^"]*\?show=\w*)"', page.content.decode()):
        assert desk.get(urljoin(page.request["PATH_INFO"], filtered)).status_code == 200


@pytest.mark.parametrize(
    ("headings", "asks"),
    [
        ("Given name,Family name,E-mail,Role", False),  # "role" is a part in the course, too
        ("الاسم الأول,اسم العائلة,البريد الإلكتروني,البلد", False),
        ("Full name,E-mail", False),
        ("Given name,Family name,E-mail,Table number", True),
        ("Prénom,Nom,Courriel,Fonction", True),  # a post or a role
        ("Nom,Courriel", True),  # perhaps both names
        ("Full name,E-mail,Conclusão", True),  # ours for whether, with offices for when
        ("Nome próprio,Apelido,E-mail,Conclusão", False),  # as our own empty list
        ("Nome,Apelido,E-mail", True),  # a given name, or the whole one
        ("First name,Name,E-mail", True),
        ("الاسم,اللقب,البريد الإلكتروني", True),
        ("Courriel,Pays", True),
        ("Nom complet,Courriel,Mail", True),
    ],
)
def test_what_columns_hold_is_asked_only_where_a_heading_leaves_it_open(desk, run, headings, asks):
    row = ",".join(["x", "y", "z@example.org", "KE"][: headings.count(",") + 1])

    answer = sent(desk, run, f"{headings}\n{row}\n")

    assert answer.url.partition("#")[0].endswith("/columns/") == asks
    upload = RosterUpload.objects.get()
    assert (upload.state == RosterUpload.State.COLUMNS) == asks


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("Nome,Apelido", "Amina,Otieno"),
        ("Nome,Apelido", "Amina Otieno,OTIENO"),
        ("First name,Name", "Amina,Otieno"),
        ("First name,Name", "Amina,Otieno Amina"),
        ("First name,Name", "Amina,"),
        ("Name,Surname", ",Otieno"),
    ],
)
def test_of_a_name_beside_one_half_of_it_nothing_is_lost(desk, run, headings, row):
    address = looked_through(desk, run, f"{headings},E-mail\n{row},amina@example.org\n")

    desk.post(f"{address}confirm/")

    said = {folded(word) for word in row.replace(",", " ").split()}
    person = Profile.objects.get()
    assert {*folded(person.given_name).split()} == said & {"amina"}
    assert {*folded(person.family_name).split()} == said & {"otieno"}


def test_what_was_taken_for_certain_can_be_looked_at_and_changed(desk, run):
    address = looked_through(desk, run, sixteen())
    assert f'href="{address}columns/"' in desk.get(address).content.decode()

    page = desk.get(f"{address}columns/")
    assert 'value="COMPLETED_ON" selected' in page.content.decode()
    assert "Given0" in text_of(page)

    names = RosterUpload.objects.get().columns
    without = {f"column_{n}": name for n, name in enumerate(names) if name != "COMPLETED_ON"}
    desk.post(f"{address}columns/", without)
    assert "16 ready, 2 share a mailbox" in text_of(desk.get(address))


def test_columns_can_be_named_by_hand_where_no_heading_is_known(desk, run):
    columns = sent(desk, run, "Wer,Wohin\nAmina Otieno,amina@example.org\n").url

    nameless = desk.post(columns, {"column_0": "", "column_1": "EMAIL"})
    assert "Say which column holds the names." in text_of(nameless)
    twice = desk.post(columns, {"column_0": "NAME", "column_1": "NAME"})
    assert "Two columns are taken for the same: Name. Keep one of them." in text_of(twice)

    address = desk.post(columns, {"column_0": "NAME", "column_1": "EMAIL"}).url
    assert "1 ready." in text_of(desk.get(address))


def test_a_refused_file_says_what_to_do_and_leaves_nothing(desk, run):
    answer = sent(desk, run, b"\xd0\xcf\x11\xe0 old", name="roster.xls")

    assert "Save as: Excel workbook (.xlsx)" in text_of(answer)
    assert RosterUpload.objects.count() == 0


def test_a_list_of_nobody_is_said_to_be_one(desk, run):
    answer = sent(desk, run, HEADER)

    assert "There are headings in this list, and nobody below them." in text_of(answer)
    assert RosterUpload.objects.count() == 0


def test_a_file_that_ends_badly_leaves_nothing_half_held(desk, run):
    text = many(1500) + 'Amina,"Otieno,amina@example.org,KE,,\n'

    answer = sent(desk, run, text)

    assert "Row 1502 cannot be read: a quotation mark is opened and not closed" in text_of(answer)
    assert RosterUpload.objects.count() == RosterRow.objects.count() == 0


def test_a_roster_of_someone_else_is_not_there(desk, run):
    address = looked_through(desk, run, many(1))
    other = officer("other@example.org")
    missing = other.get(f"{START}nothing/")

    answers = [
        *(other.get(address + page) for page in ("", "columns/")),
        *(other.post(address + page) for page in ("confirm/", "discard/", "go-on/", "rows/2/")),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {missing.content}
    assert RosterRow.objects.count() == 1


def test_who_may_not_add_people_may_not_import(run):
    reader = UserFactory(email="reader@example.org")
    for codename in ("access_admin", "view_profile"):
        reader.user_permissions.add(Permission.objects.get(codename=codename))
    client = Client()
    client.force_login(reader)

    assert client.get(START).status_code == 302
    assert sent(client, run, many(1)).status_code == 302
    assert RosterUpload.objects.count() == 0


def test_after_the_import_one_button_prints_the_slips_for_whoever_may(desk, run):
    address = looked_through(desk, run, many(3))
    desk.post(f"{address}confirm/")

    assert "slips/" not in desk.get(address).content.decode()
    officer_of(desk).user_permissions.add(Permission.objects.get(codename="change_profile"))
    page = desk.get(address).content.decode()

    assert "Print 3 slips" in page
    assert f"/cms/joining/{run.slug}/slips/" in page


def officer_of(client):
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_nothing_is_kept_longer_than_a_day(desk, run, time_machine):
    time_machine.move_to(timezone.now())
    address = looked_through(desk, run, many(2))
    assert desk.get(address).status_code == 200
    time_machine.shift(24 * 3600 + 1)

    assert desk.get(address).status_code == 404
    tasks.tidy_rosters()

    assert RosterUpload.objects.count() == RosterRow.objects.count() == 0


def test_discarding_deletes_the_rows(desk, run):
    address = looked_through(desk, run, many(2))

    assert desk.get(f"{address}discard/").status_code == 405
    desk.post(f"{address}discard/")

    assert RosterUpload.objects.count() == RosterRow.objects.count() == 0


def test_the_table_is_paged_filtered_and_takes_the_same_queries(
    desk, run, django_assert_max_num_queries
):
    counts = []
    for count in (3, 90):
        address = looked_through(desk, run, many(count) + "Late,Comer,l@example.org,KE,,June\n")
        desk.get(address)
        with django_assert_max_num_queries(40) as queries:
            page = desk.get(address)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert page.content.index(b"row-92") < page.content.index(b"row-2")
    assert "Given60" not in text_of(page)
    assert "Given60" in text_of(desk.get(f"{address}?p=2"))
    assert "Given0" not in text_of(desk.get(f"{address}?show=broken"))


def test_a_long_roster_goes_to_a_worker_and_shows_how_far_it_is(desk, run, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.bring_on, "delay", rung.append)
    address = looked_through(desk, run, many(2300))
    upload = RosterUpload.objects.get()
    assert rung == [upload.pk]

    monkeypatch.setattr(tasks, "TURNS_LAST", -1)
    tasks.bring_on(upload.pk)

    assert "1,000 of 2,300 rows" in text_of(desk.get(address))
    assert b"data-moves" in desk.get(f"{address}?parts").content
    while len(rung) > 1 or RosterUpload.objects.get().state == "reading":
        tasks.bring_on(rung.pop())

    assert "2300 ready." in text_of(desk.get(address))
    desk.post(f"{address}confirm/")
    tasks.bring_on(rung.pop())
    assert run.enrolments.count() == 1000
    while RosterUpload.objects.get().state == "carrying":
        tasks.bring_on(rung.pop())
    tasks.bring_on(upload.pk)

    assert "2,300 new people were added" in text_of(desk.get(address)).replace("2300", "2,300")
    assert run.enrolments.count() == 2300


def test_a_worker_that_dies_on_the_way_leaves_whole_lots_and_the_next_goes_on(
    desk, run, monkeypatch
):
    text = many(30) + "Grace,Phiri,p0@example.org,KE,,\n"
    monkeypatch.setattr(carry, "AT_A_TIME", 10)
    upload = roster.hold(run, io.BytesIO(text.encode()), by=None)
    roster.name_columns(upload, roster.columns_of(upload), by=None)
    roster.survey(upload)
    roster.confirm(upload, by=None)
    writes, mark = [], carry._mark_written

    def dies_in_the_second_lot(*args):
        writes.append(args)
        if len(writes) == 2:
            raise SystemExit
        mark(*args)

    monkeypatch.setattr(carry, "_mark_written", dies_in_the_second_lot)
    with pytest.raises(SystemExit):
        roster.carry_out(upload)
    assert run.enrolments.count() == 10

    roster.carry_out(upload)
    roster.carry_out(upload)

    assert run.enrolments.count() == Profile.objects.count() == 31


def test_a_roster_that_stands_still_says_so_and_is_taken_up_again(
    desk, run, monkeypatch, time_machine
):
    rung = []
    monkeypatch.setattr(tasks.bring_on, "delay", rung.append)
    time_machine.move_to(timezone.now())
    address = looked_through(desk, run, many(1100))
    assert "stood still" not in text_of(desk.get(address))

    time_machine.shift(90)
    assert "stood still" in text_of(desk.get(address))
    desk.post(f"{address}go-on/")
    tasks.tidy_rosters()

    assert rung == [RosterUpload.objects.get().pk] * 3


def test_someone_who_came_meanwhile_is_not_made_twice(desk, run):
    address = looked_through(desk, run, many(2))
    ProfileFactory(given_name="Given0", family_name="Name0", address="p0@example.org")

    desk.post(f"{address}confirm/")

    assert Profile.objects.count() == 2
    assert "1 new person was added. 1 person known before was put on this course run." in text_of(
        desk.get(address)
    )


@pytest.mark.parametrize("language", ["en", "fr", "ar", "pt"])
def test_the_empty_lists_are_understood_when_they_come_back(desk, run, language):
    desk.cookies["django_language"] = language
    # A request leaves its language behind; the next test is to find its own.
    with translation.override("en"):
        empty = desk.get(f"{START}roster.csv").content.decode("utf-8-sig")
        workbook = io.BytesIO(desk.get(f"{START}roster.xlsx").content)
        heading = next(csv.reader(io.StringIO(empty)))
        row = ["Amina" if one in NAMES else "" for one in columns_of_headings(heading)]
        answer = sent(desk, run, f"{empty.strip()}\n{','.join(row)}\n")

    assert open_table(workbook).headings == tuple(heading)
    assert RosterUpload.objects.get().headings == heading
    # They are ours, each of them, so nothing is asked.
    assert not answer.url.endswith("/columns/")
    assert RosterUpload.objects.get().state == RosterUpload.State.READ


def imported(desk, run, text):
    address = looked_through(desk, run, text)
    desk.post(f"{address}confirm/")
    return address


@pytest.fixture
def printer(desk):
    user = User.objects.get(email="officer@example.org")
    user.user_permissions.add(Permission.objects.get(codename="change_profile"))
    return desk


def printed(desk, run, address):
    key = address.strip("/").rpartition("/")[2]
    return desk.post(f"/cms/joining/{run.slug}/slips/", {"roster": key})


def test_slips_are_printed_for_exactly_the_people_of_the_list(printer, run):
    others = [ProfileFactory(family_name=f"Other{n}") for n in range(3)]
    for profile in others:
        EnrolmentFactory(run=run, profile=profile)
    known = ProfileFactory(given_name="Known", family_name="One", address="known@example.org")
    member = ProfileFactory(
        joined=True, given_name="Is", family_name="In", address="in@example.org"
    )
    there = ProfileFactory(given_name="There", family_name="Already", address="there@example.org")
    EnrolmentFactory(run=run, profile=there)
    text = many(2) + (
        "Known,One,known@example.org,KE,,\nIs,In,in@example.org,KE,,\n"
        "There,Already,there@example.org,KE,,\n"
    )

    address = imported(printer, run, text)
    assert "Print 4 slips" in text_of(printer.get(address))
    sheet = printed(printer, run, address).content.decode()

    assert sheet.count('<svg class="qr"') == 4
    assert all(name in sheet for name in ("Given0", "Given1", known.name, there.name))
    assert not any(one.name in sheet for one in [*others, member])
    again = printer.get(address).content.decode()
    assert f"/cms/joining/{run.slug}/slips/?roster=" in again
    asked = printer.get(re.search(r'href="([^"]+roster=[^"]+)"', again)[1])
    assert "4 codes that were printed or told before stop working" in text_of(asked)


def test_a_row_mended_later_belongs_to_the_list_too(printer, run):
    address = imported(printer, run, sixteen())
    assert "Print 15 slips" in text_of(printer.get(address))

    printer.post(f"{address}rows/9/", {"COMPLETED_ON": ""})
    printer.post(f"{address}confirm/")

    assert "Print 16 slips" in text_of(printer.get(address))


def test_where_another_list_came_in_between_the_whole_course_is_offered(printer, run):
    address = imported(printer, run, many(2))
    RosterUpload.objects.update(moved_at=timezone.now() + dt.timedelta(minutes=1))
    EnrolmentFactory(run=run)

    page = text_of(printer.get(address))

    assert "Print joining slips" in page
    assert "Print 2 slips" not in page
    assert printed(printer, run, address).status_code == 404


def test_slips_of_a_list_of_someone_else_or_by_who_may_not_are_refused(desk, run):
    address = imported(desk, run, many(2))
    assert "slips" not in text_of(desk.get(address))
    assert printed(desk, run, address).status_code == 302

    other = officer("other@example.org")
    User.objects.get(email="other@example.org").user_permissions.add(
        Permission.objects.get(codename="change_profile")
    )
    assert printed(other, run, address).status_code == 404
    assert Slip.objects.count() == 0


@pytest.mark.parametrize("language", ["en", "fr", "ar", "pt"])
def test_every_heading_of_our_own_is_known_in_its_own_language(language):
    with translation.override(language):
        ours = [str(LABELS[column]) for column in OFFERED]
        assert columns_of_headings(ours) == OFFERED
        assert headings() == ours


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Fonction", "POST"),
        ("Rôle", "ROLE"),
        ("Conclusão", "COMPLETION"),
        ("Função", "POST"),
        ("الدور", "ROLE"),
        ("الرتبة", "POST"),
        ("Nom et prénoms", "NAME"),
        ("رقم الموبايل", None),
        ("Country of origin", "COUNTRY"),
        ("Concluído em", "COMPLETED_ON"),
    ],
)
def test_usual_headings_are_known(said, meant):
    column = column_of(said)
    assert (column.name if column else None) == meant


def test_a_word_with_two_meanings_is_what_no_other_heading_is():
    assert columns_of_headings(["Nome", "Função"]) == [Column.NAME, Column.POST]
    assert columns_of_headings(["Nome", "Cargo", "Função"])[1:] == [Column.POST, Column.ROLE]


@pytest.mark.parametrize("language", ["en", "fr", "ar", "pt"])
def test_whatever_the_page_lists_for_cells_is_understood(language):
    terms = Terms()
    by_column = {
        Column.ROLE: terms.roles,
        Column.INSTITUTION_TYPE: terms.institution_types,
        Column.PART: terms.parts,
        Column.COMPLETION: terms.completions,
        Column.GENDER: terms.genders,
        Column.COUNTRY: terms.countries,
        Column.LANGUAGES: terms.languages,
    }
    with translation.override(language):
        listed = {str(heading): choices for heading, choices in offered()}
        assert set(listed) == {str(LABELS[column]) for column in by_column}
        for column, known in by_column.items():
            for code, word in listed[str(LABELS[column])]:
                assert known.get(folded(code)) == known.get(folded(word)) == code


def test_the_first_page_shows_codes_and_words(desk):
    page = text_of(desk.get(START))

    assert "victim-protection Victim protection and assistance" in page
    assert "KE Kenya" in page
    assert "resource_person resource person" in page
