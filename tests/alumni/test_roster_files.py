"""Bytes of a table as people save it: encodings, delimiters, and files that are no table."""

import contextlib
import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alumni.roster import UnreadableRoster, read
from alumni.roster.columns import Column
from newsletters.spreadsheets.encodings import encoding_of

ARABIC = "الاسم,البريد الإلكتروني,الدولة\nمنى الشريف,mona@example.org,مصر\n"
FRENCH = "Nom et prénom,Courriel,Pays\nÉlodie Hébrard,elodie@example.org,Bénin\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [ARABIC, FRENCH])
def test_unicode_is_read_with_and_without_a_mark(encoding, text):
    sheet = read(text.encode(encoding))

    assert list(sheet.rows[0].cells.values()) == text.splitlines()[1].split(",")


@pytest.mark.parametrize(("encoding", "text"), [("cp1256", ARABIC), ("cp1252", FRENCH)])
def test_the_old_code_pages_are_told_apart(encoding, text):
    sheet = read(text.encode(encoding))

    assert sheet.encoding == encoding
    assert list(sheet.rows[0].cells.values()) == text.splitlines()[1].split(",")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_common_delimiter_and_line_end_is_read(delimiter, ending):
    lines = ["Name,Email,Post", "Amina Otieno,amina@example.org,Adviser"]

    sheet = read(ending.join(line.replace(",", delimiter) for line in lines).encode())

    assert sheet.rows[0].cells == {
        Column.NAME: "Amina Otieno",
        Column.EMAIL: "amina@example.org",
        Column.POST: "Adviser",
    }


def test_rows_keep_the_number_that_the_spreadsheet_shows():
    sheet = read(
        b"sep=;\nParticipants of the winter course;;\nName;Email;Post\n"
        b'"Amina\nOtieno";a@example.org;\n;;\nPaul Banda;p@example.org;\n'
    )

    assert [row.number for row in sheet.rows] == [4, 6]


def test_columns_we_do_not_know_are_named():
    sheet = read(b"Name,Email,Hotel,Diet\nAmina Otieno,a@example.org,Nile,none\n")

    assert sheet.unused == ("Hotel", "Diet")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04rest of a workbook", "workbook is damaged"),
        (b"Name,Email\n\x00\x00\x00\x01", "not a text table"),
        (b"Amina,a@example.org\n", "No heading row"),
        (b"", "No heading row"),
        (b"Name,Full name,Email\na,b,c\n", "Two columns mean the same: “Name”, “Full name”"),
        (b"Name,Email" + b",x" * 200 + b"\n", "more than 100 columns"),
        (b'Name,Email\n"' + b"x" * 200_000 + b"\n", "Row 2 cannot be read"),
    ],
)
def test_what_cannot_be_a_roster_is_refused_with_what_to_do(data, message):
    with pytest.raises(UnreadableRoster, match=message):
        read(data)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_whatever_break_the_reader(data):
    with contextlib.suppress(UnreadableRoster):
        assert all(row.number >= 2 for row in read(b"Name,Email\n" + data).rows)


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30).filter(
    lambda cell: cell.strip()
)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), st.sampled_from(",;\t"))
@settings(max_examples=200, deadline=None)
def test_what_a_spreadsheet_writes_is_what_we_read(rows, delimiter):
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([("Name", "Email"), *rows])

    sheet = read(written.getvalue().encode())

    assert [tuple(row.cells.values()) for row in sheet.rows] == rows


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200))
def test_unicode_text_is_never_taken_for_an_old_code_page(text):
    data = text.encode()

    assert encoding_of(io.BytesIO(data)) in {
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
    }
