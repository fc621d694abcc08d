"""Importing a roster: any encoding, nothing merged, overwritten or lost, nobody mailed."""

import io
from dataclasses import dataclass

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from alumni import roster
from alumni.models import Enrolment, Profile
from alumni.roster import Outcome
from newsletters.models import Subscriber
from tests.factories.alumni import (
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HEADER = "Given name,Family name,E-mail,Country,Institution,Post,Date\n"


@pytest.fixture
def run():
    return CourseRunFactory(slug="winter")


@dataclass
class Imported:
    """What was found of a roster, before its rows went."""

    lines: list
    summary: str


def imported(run, text):
    upload = roster.hold(run, io.BytesIO(text.encode()), by=None)
    roster.name_columns(upload, roster.columns_of(upload), by=None)
    roster.survey(upload)
    found = Imported(list(upload.rows.all()), roster.summary(roster.tally(upload)))
    roster.confirm(upload, by=None)
    roster.carry_out(upload)
    return found


def summary(found):
    return found.summary


def outcomes(found):
    return [(row.number, Outcome(row.outcome)) for row in found.lines]


def people():
    return sorted(Profile.objects.values_list("given_name", "family_name", "address"))


def test_a_roster_makes_people_and_enrolments_with_what_they_were_then(run):
    report = imported(
        run, HEADER + "Amina,Otieno,Amina@Example.ORG,Kenya,Ministry,Adviser,2026-02-05\n"
    )

    profile = Profile.objects.get()
    enrolment = profile.enrolments.get()
    assert (profile.name, profile.address, profile.country) == (
        "Amina Otieno",
        "amina@example.org",
        "KE",
    )
    assert (enrolment.institution, enrolment.post, enrolment.country) == (
        "Ministry",
        "Adviser",
        "KE",
    )
    assert str(enrolment.completed_on) == "2026-02-05"
    assert summary(report) == "1 ready"


def test_nobody_is_accepted_subscribed_or_mailed_by_an_import(run):
    imported(run, HEADER + "Amina,Otieno,amina@example.org,Kenya,,,\n")

    assert Profile.objects.accepted().count() == 0
    assert Subscriber.objects.count() == 0
    assert mail.outbox == []


def test_importing_twice_changes_nothing(run):
    text = HEADER + "Amina,Otieno,amina@example.org,Kenya,,,\nPaul,Banda,,Zambia,,,\n"
    imported(run, text)
    before = list(Profile.objects.values("pk", "changed_at"))

    report = imported(run, text)

    assert outcomes(report) == [(2, Outcome.THERE), (3, Outcome.THERE)]
    assert list(Profile.objects.values("pk", "changed_at")) == before
    assert Enrolment.objects.count() == 2


def test_the_summary_names_the_broken_date_and_the_shared_mailbox(run):
    rows = [f"Given{n},Family{n},person{n}@example.org,KE,,,\n" for n in range(13)]
    rows.insert(7, "Late,Comer,late@example.org,KE,,,31 of June\n")
    rows += [
        "Grace,Phiri,office@example.org,ZM,,,\n",
        "Moses,Zulu,OFFICE@example.org,ZM,,,\n",
    ]

    report = imported(run, HEADER + "".join(rows))

    assert (
        summary(report) == "15 ready, 1 needs a date (row 9), 2 share a mailbox: kept as two people"
    )
    assert Profile.objects.count() == 15
    assert Profile.objects.filter(address="office@example.org").count() == 2


def test_a_broken_row_says_what_to_do_and_is_imported_once_mended(run):
    report = imported(run, HEADER + "Amina,Otieno,amina@@example,Kenya,,,\n")

    assert report.lines[0].problems[0] == (
        "has an address that is none, “amina@@example”. Correct it or empty the cell."
    )
    assert people() == []

    imported(run, HEADER + "Amina,Otieno,amina@example.org,Kenya,,,\n")

    assert people() == [("Amina", "Otieno", "amina@example.org")]


def test_two_spellings_of_one_address_are_one_person_and_it_is_said(run):
    report = imported(
        run,
        HEADER + "Amina,Otieno,amina@example.org,KE,,,\nAMINA,OTIENO,<Amina@Example.Org>,KE,,,\n",
    )

    assert outcomes(report) == [(2, Outcome.NEW), (3, Outcome.REPEATED)]
    assert report.lines[1].notes == [
        "The person of row 2, with the address spelled in another way: taken once.",
    ]
    assert people() == [("Amina", "Otieno", "amina@example.org")]


def test_one_person_twice_with_contradictions_waits_for_a_decision(run):
    report = imported(
        run,
        HEADER + "Amina,Otieno,amina@example.org,KE,,,\nAmina,Otieno,amina@example.org,UG,,,\n",
    )

    assert outcomes(report) == [(2, Outcome.NEW), (3, Outcome.BROKEN)]
    assert summary(report) == "1 ready, 1 needs a decision (row 3)"


def test_two_people_on_one_mailbox_stay_two_over_several_imports(run):
    first = HEADER + "Grace,Phiri,office@example.org,ZM,,,\n"
    both = first + "Moses,Zulu,office@example.org,ZM,,,\n"
    imported(run, first)

    for _again in range(2):
        report = imported(run, both)

    assert people() == [
        ("Grace", "Phiri", "office@example.org"),
        ("Moses", "Zulu", "office@example.org"),
    ]
    assert report.lines[0].notes == [
        "Shares a mailbox with Moses Zulu: kept as people of their own.",
    ]


def test_the_same_name_at_a_new_address_is_not_merged_and_not_doubled(run):
    imported(run, HEADER + "Amina,Otieno,amina@exmaple.org,KE,,,\n")

    report = imported(run, HEADER + "Amina,Otieno,amina@example.org,KE,,,\n")

    assert outcomes(report) == [(2, Outcome.BROKEN)]
    assert "a…@exmaple.org" in report.lines[0].problems[0]
    assert people() == [("Amina", "Otieno", "amina@exmaple.org")]


def test_an_address_is_added_to_someone_imported_without_one(run):
    imported(run, HEADER + "Amina,Otieno,,KE,,,\n")

    imported(run, HEADER + "Otieno,Amina,amina@example.org,KE,,,\n")

    assert people() == [("Amina", "Otieno", "amina@example.org")]


def test_a_row_without_address_and_a_namesake_with_one_wait_for_a_decision(run):
    report = imported(run, HEADER + "Amina,Otieno,,KE,,,\nAmina,Otieno,amina@example.org,KE,,,\n")

    assert outcomes(report) == [(2, Outcome.BROKEN), (3, Outcome.NEW)]


def test_what_a_member_edited_is_never_overwritten_or_filled(run):
    member = ProfileFactory(
        joined=True,
        given_name="Amina",
        family_name="Otieno",
        address="amina@example.org",
        country="UG",
        institution="",
    )

    report = imported(run, HEADER + "Amina,Otieno,amina@example.org,KE,Ministry,Adviser,\n")

    member.refresh_from_db()
    assert (member.country, member.institution, member.post) == ("UG", "", "")
    assert member.enrolments.get().institution == "Ministry"
    assert outcomes(report) == [(2, Outcome.KNOWN)]
    assert "Kept as it stands: country." in report.lines[0].notes


def test_staff_s_words_are_kept_and_only_blanks_are_filled(run):
    profile = ProfileFactory(
        given_name="Amina", family_name="Otieno", address="amina@example.org", institution="Police"
    )

    imported(run, HEADER + "Amina,Otieno,amina@example.org,KE,Ministry,Adviser,\n")

    profile.refresh_from_db()
    assert (profile.institution, profile.post) == ("Police", "Adviser")


def test_a_member_is_found_by_an_address_confirmed_since(run):
    user = UserFactory(email="new@example.org")
    member = ProfileFactory(
        given_name="Amina", family_name="Otieno", address="old@example.org", user=user
    )

    imported(run, HEADER + "Amina,Otieno,new@example.org,KE,,,\n")

    assert list(member.enrolments.values_list("run", flat=True)) == [run.pk]
    assert Profile.objects.count() == 1


def test_two_rows_that_mean_one_member_by_two_addresses_enrol_once(run):
    user = UserFactory(email="new@example.org")
    ProfileFactory(given_name="Amina", family_name="Otieno", address="old@example.org", user=user)

    report = imported(
        run, HEADER + "Amina,Otieno,new@example.org,,,,\nAmina,Otieno,old@example.org,,,,\n"
    )

    assert outcomes(report) == [(2, Outcome.KNOWN), (3, Outcome.REPEATED)]
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "＝", "＋", "－", "＠"])
def test_a_cell_that_begins_like_a_formula_keeps_its_row_out(run, sign):
    report = imported(run, HEADER + f'Amina,Otieno,amina@example.org,KE,"{sign}cmd()",,\n')

    assert summary(report) == "0 ready, 1 holds a formula (row 2)"
    assert people() == []


def test_a_phone_number_may_begin_with_a_plus(run):
    imported(run, "Name,Email,Phone\nAmina Otieno,amina@example.org,+254 20 123-456\n")

    assert Profile.objects.get().phone == "+254 20 123-456"


def test_marks_that_hide_or_turn_text_are_taken_out_of_names(run):
    imported(run, HEADER + "A\u202emi\u200bna\x07,O\u2066tieno,amina@example.org,KE,,,\n")

    assert people() == [("Amina", "Otieno", "amina@example.org")]


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("Nom,Prénom,Courriel,Pays", "Ndiaye,Fatou,fatou@example.org,Sénégal"),
        ("اللقب,الاسم الأول,البريد الإلكتروني,الدولة", "Ndiaye,Fatou,fatou@example.org,السنغال"),
        ("Apelido,Primeiro nome,Correio eletrónico,País", "Ndiaye,Fatou,fatou@example.org,SN"),
    ],
)
def test_headings_and_countries_are_understood_in_each_language(run, heading, row):
    imported(run, f"{heading}\n{row}\n")

    profile = Profile.objects.get()
    assert (profile.given_name, profile.family_name, profile.country) == ("Fatou", "Ndiaye", "SN")


def test_dates_are_read_in_common_writings(run):
    rows = ["2026-02-05", "05/02/2026", "5.2.2026", "٠٥/٠٢/٢٠٢٦"]
    imported(
        run,
        HEADER
        + "".join(f"Given{n},Name,p{n}@example.org,KE,,,{day}\n" for n, day in enumerate(rows)),
    )

    assert {str(day) for day in Enrolment.objects.values_list("completed_on", flat=True)} == {
        "2026-02-05"
    }
    assert Enrolment.objects.count() == 4


def test_planning_takes_the_same_queries_for_one_row_and_many(run, django_assert_num_queries):
    for number in range(4):
        EnrolmentFactory(run=run, profile__address=f"p{number}@example.org")
    row = "Given{n},Name,p{n}@example.org,KE,,,\n"

    for count in (1, 30):
        text = HEADER + "".join(row.format(n=n) for n in range(count))
        with django_assert_num_queries(5):
            roster.plan(run, roster.read(text.encode()))


def test_the_command_reports_row_by_row_and_a_dry_run_writes_nothing(run, tmp_path, capsys):
    file = tmp_path / "roster.csv"
    file.write_bytes(
        (HEADER + "Amina,Otieno,amina@example.org,KE,,,\nPaul,Banda,,Narnia,,,\n").encode("utf-16")
    )

    call_command("import_roster", file, "--run", "winter", "--dry-run")

    output = capsys.readouterr().out
    assert "row    2  new       Amina Otieno <a…@example.org>" in output
    assert "row    3  broken    Paul Banda  names “Narnia”, which is no country" in output
    assert "1 ready, 1 needs a country (row 3)." in output
    assert "amina@example.org" not in output
    assert people() == []

    call_command("import_roster", file, "--run", "winter")

    assert people() == [("Amina", "Otieno", "amina@example.org")]


def last_line(capsys):
    return capsys.readouterr().out.splitlines()[-1]


def test_the_command_ends_with_what_it_did(run, tmp_path, capsys):
    file = tmp_path / "roster.csv"
    ProfileFactory(given_name="Grace", family_name="Mwila", address="grace@example.org")
    file.write_text(
        HEADER
        + "Amina,Otieno,amina@example.org,KE,,,\nMoses,Banda,moses@example.org,ZM,,,\n"
        + "Grace,Mwila,grace@example.org,,,,\nPaul,Banda,,Narnia,,,\n"
    )

    call_command("import_roster", file, "--run", "winter", "--dry-run")
    assert last_line(capsys) == "This was a dry run: nothing was written."
    call_command("import_roster", file, "--run", "winter")
    first = capsys.readouterr().out.splitlines()

    assert first[-2].startswith("Rows that need something were left out.")
    assert first[-1] == (
        "2 new people were added. 1 person known before was put on this course run. "
        "Nobody was mailed."
    )


def test_the_command_says_when_nothing_had_to_be_done(run, tmp_path, capsys):
    file = tmp_path / "roster.csv"
    file.write_text(HEADER + "Amina,Otieno,amina@example.org,KE,,,\n")
    call_command("import_roster", file, "--run", "winter")

    call_command("import_roster", file, "--run", "winter")
    assert last_line(capsys) == (
        "Nothing had to be written: everyone who is ready stands on this run already."
    )
    file.write_text(HEADER + "Amina,Otieno,amina@example.org,KE,Ministry,,\n")
    call_command("import_roster", file, "--run", "winter")
    assert last_line(capsys) == "Blanks were filled for 1 person. Nobody was mailed."
    file.write_text(HEADER + "Paul,Banda,,Narnia,,,\n")
    call_command("import_roster", file, "--run", "winter")
    assert last_line(capsys) == "Nothing was written: no row is ready."


def test_the_command_names_the_runs_there_are(run, tmp_path):
    with pytest.raises(CommandError, match=r"There is no course run “summer”.*: winter\."):
        call_command("import_roster", tmp_path / "roster.csv", "--run", "summer")


def test_the_command_says_when_the_file_is_not_there(run, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_roster", tmp_path / "roster.csv", "--run", "winter")
