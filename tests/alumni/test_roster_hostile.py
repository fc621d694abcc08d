"""Hostile rosters: each refused or made harmless, with a message that says what to do."""

import io
import random
import unicodedata
import zipfile

import pytest
from openpyxl import Workbook

from alumni import roster
from alumni.models import Profile, RosterRow, RosterUpload
from alumni.roster import UnreadableRoster, read
from alumni.roster.cells import LONGEST, PLAIN
from alumni.roster.columns import Column
from alumni.roster.files import open_table
from newsletters.providers import PROVIDERS
from newsletters.spreadsheets.signs import FORMULA, MERGE_SIGNS
from tests.factories.alumni import CourseRunFactory

HEAD = ["Given name", "Family name", "E-mail", "Institution"]
AMINA = ["Amina", "Otieno", "amina@example.org", "Court"]
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
WORKBOOK = (
    f'<workbook {NS} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def book(change=lambda book, sheet: None, rows=(HEAD, AMINA)):
    """A workbook as a spreadsheet writes it."""
    made = Workbook()
    for row in rows:
        made.active.append(row)
    change(made, made.active)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def raw(sheet="", *, parts=(), workbook=WORKBOOK, before=""):
    """A workbook as nobody but an attacker writes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", workbook)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", f"{before}<worksheet {NS}>{sheet}</worksheet>")
        for name, content in parts:
            archive.writestr(name, content)
    return file.getvalue()


def inline(*rows):
    """Rows of texts as a sheet holds them."""
    return "<sheetData>{}</sheetData>".format(
        "".join(
            "<row>{}</row>".format(
                "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row)
            )
            for row in rows
        )
    )


def with_part(data, name, content=b"x"):
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def locked(data):
    """The same archive, marked as encrypted in its list and before each part."""
    return data.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
    )


def hide_row(_book, sheet):
    sheet.row_dimensions[2].hidden = True


def hide_column(_book, sheet):
    sheet.column_dimensions["C"].hidden = True


def hide_sheet(state):
    def change(made, _sheet):
        made.create_sheet("Officers").append(["secret"])
        made["Officers"].sheet_state = state

    return change


def second_sheet(made, _sheet):
    made.create_sheet("Others").append(["secret"])


def far_cell(_book, sheet):
    sheet["XFD2"] = "far"


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>{}]>".format(
    "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
SMALL_ROSTER = inline(HEAD, AMINA)
TEXTS = "<sst>{}</sst>"

REFUSED = {
    "a hidden sheet": (book(hide_sheet("hidden")), "hidden sheets: “Officers”"),
    "a very hidden sheet": (book(hide_sheet("veryHidden")), "hidden sheets: “Officers”"),
    "a second sheet": (book(second_sheet), "Keep one sheet"),
    "a hidden row": (book(hide_row), "hides something: row 2"),
    "a hidden column": (book(hide_column), "hides something: column C"),
    "all rows hidden": (
        raw(f'<sheetFormatPr zeroHeight="1"/>{SMALL_ROSTER}'),
        "hides something: all rows",
    ),
    "a cell in the last column": (book(far_cell), "more than 100 columns"),
    "a million columns": (raw(inline(HEAD, ["x"] * 1_000_000)), "unpacks to far more"),
    "a million columns as text": (b"Name,Email" + b",x" * 1_000_000 + b"\n", "more than 100"),
    "a bomb by ratio": (with_part(book(), "xl/media/bomb", b"0" * 60_000_000), "unpacks to far"),
    "a bomb by number": (
        raw(SMALL_ROSTER, parts=[(f"xl/x{n}", "") for n in range(1100)]),
        "unpacks to far more",
    ),
    "a sheet that is a bomb": (
        raw(f"<sheetData><row><c><v>{'0' * 30_000_000}</v></c></row></sheetData>"),
        "unpacks to far more",
    ),
    "billion laughs": (
        raw(inline(HEAD, ["&i;"]), before=LAUGHS),
        "declarations that no spreadsheet writes",
    ),
    "an entity from outside": (
        raw(inline(HEAD, ["&a;"]), before=OUTSIDE),
        "declarations that no spreadsheet writes",
    ),
    "a document type in the workbook": (
        raw(SMALL_ROSTER, workbook=LAUGHS + WORKBOOK),
        "declarations that no spreadsheet writes",
    ),
    "links to other files": (
        with_part(book(), "xl/externalLinks/externalLink1.xml"),
        "Paste special: values",
    ),
    "macros": (with_part(book(), "xl/vbaProject.bin"), "without them"),
    "a password": (locked(raw(SMALL_ROSTER)), "password away"),
    "an old or encrypted workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 90, "Save as: Excel"),
    "OpenDocument renamed": (
        with_part(b"PK\x05\x06" + b"\x00" * 18, "content.xml"),
        "no Excel workbook",
    ),
    "an archive in an archive": (
        with_part(b"PK\x05\x06" + b"\x00" * 18, "roster.xlsx", book()),
        "no Excel workbook",
    ),
    "a workbook cut in half": (book()[:2000], "workbook is damaged"),
    "rows that go backwards": (
        raw('<sheetData><row r="9"/><row r="2"/></sheetData>'),
        "workbook is damaged",
    ),
    "a text that is not there": (
        raw('<sheetData><row><c t="s"><v>99</v></c></row></sheetData>'),
        "workbook is damaged",
    ),
    "XML that breaks off": (raw("<sheetData><row>"), "workbook is damaged"),
    "zeros": (b"Name,Email\nAmina\x00,a@example.org\n", "not a text table"),
    "a mark of UTF-8 before Latin": (
        b"\xef\xbb\xbf" + "Nom,Pays\nÉlodie,Bénin\n".encode("cp1252"),
        "mark of one encoding",
    ),
    "a mark of UTF-16 before UTF-8": (
        b"\xff\xfe" + "Name,Pays\nAminaaa,Bénin\n".encode(),
        "mark of one encoding",
    ),
    "two encodings in one file": (
        "Nom,Pays\nÉlodie,Bénin\n".encode() + "Zoé,Sénégal\n".encode("cp1252")[:6] + b"\n",
        "mixes two encodings .line 3.",
    ),
    "a quotation mark that is not closed": (
        b'Name,Email\nA,a@example.org\n"B,b@example.org\nC,c@example.org\n',
        "Row 3 cannot be read: a quotation mark",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_hostile_file_is_refused_with_what_to_do(what):
    data, message = REFUSED[what]

    with pytest.raises(UnreadableRoster, match=message):
        read(data)


def test_a_bomb_of_shared_texts_is_refused():
    words = random.Random(1).randbytes(1_000_000).hex()
    texts = "".join(f"<si><t>{words[n * 60 : n * 60 + 1500]}</t></si>" for n in range(30_000))
    data = raw(SMALL_ROSTER, parts=[("xl/sharedStrings.xml", TEXTS.format(texts))])

    with pytest.raises(UnreadableRoster, match="more text than a list needs"):
        read(data)


def test_what_a_sheet_claims_of_its_size_costs_nothing():
    sheet = read(raw(f'<dimension ref="A1:XFD1048576"/>{SMALL_ROSTER}'))

    assert [row.number for row in sheet.rows] == [2]


def test_an_empty_second_sheet_and_hidden_empty_columns_are_no_harm():
    def change(made, sheet):
        made.create_sheet("Sheet2")
        sheet.column_dimensions["K"].hidden = True
        sheet.row_dimensions[40].hidden = True

    assert list(read(book(change)).rows[0].cells.values()) == AMINA


def test_rows_beyond_the_most_are_refused(monkeypatch):
    monkeypatch.setattr("newsletters.spreadsheets.files.MOST_ROWS", 2)

    with pytest.raises(UnreadableRoster, match="more than 2 rows. Split it"):
        read(b"Name,Email\na,a@b.org\nb,b@b.org\nc,c@b.org\n")


@pytest.fixture
def run(db):
    return CourseRunFactory(slug="winter")


def looked_through(run, data):
    upload = roster.hold(run, io.BytesIO(data), by=None)
    roster.name_columns(upload, roster.columns_of(upload), by=None)
    roster.survey(upload)
    return upload


def one_row(run, row, head=HEAD):
    return looked_through(run, book(rows=(head, row))).rows.get()


FORMULAS = [
    *(f"{sign}cmd|'/C calc'!A0" for sign in "=+-@＝＋－＠"),
    "\t=1+1",
    "\r=1+1",
    "#REF!",
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formula_cells_wait_with_what_to_do_in_text(run, cell):
    text = ",".join(HEAD) + f'\nAmina,Otieno,amina@example.org,"{cell}"\n'

    row = looked_through(run, text.encode()).rows.get()

    assert (row.outcome, row.needs, row.asked) == ("broken", "formula", ["INSTITUTION"])
    assert row.problems[0].endswith("Write its value.")


def test_formula_cells_of_a_workbook_come_as_formulas_whatever_value_they_hold(run):
    cells = (
        '<c t="inlineStr"><is><t>Amina</t></is></c><c t="str"><f>A1&amp;"x"</f><v>Otieno</v></c>'
        '<c t="inlineStr"><is><t>amina@example.org</t></is></c><c t="e"><v>#NAME?</v></c>'
    )
    head = inline(HEAD).removesuffix("</sheetData>")

    row = looked_through(run, raw(f"{head}<row>{cells}</row></sheetData>")).rows.get()

    assert row.asked == ["FAMILY_NAME", "INSTITUTION"]
    assert '“=A1&"x"”' in row.problems[0]


UNSEEN = (
    "\u202e\u202d\u2066\u2067\u2069\u200e\u200f\u061c\u200b\u2060\ufeff\u00ad\u034f\u3164\ufe0f"
)


@pytest.mark.parametrize("sign", [*UNSEEN, "\U000e0041", "\u200d", "\u200c"])
def test_signs_that_turn_or_hide_text_are_taken_out_and_it_is_said(run, sign):
    row = one_row(run, [f"Am{sign}ina", "Otieno", "amina@example.org", ""])

    assert (row.outcome, row.name) == ("new", "Amina Otieno")
    assert row.notes == ["Signs that nobody sees were taken out under “Given name”."]


def test_a_joiner_that_persian_needs_stays(run):
    row = one_row(run, ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Otieno", "", ""])

    assert "\u200c" in row.name


OPENERS = sorted({opener for one in PROVIDERS.values() for opener in one.openers})


def test_eight_mail_services_have_signs_of_their_own():
    assert len([one for one in PROVIDERS.values() if one.openers]) == 8


@pytest.mark.parametrize("opener", [*OPENERS, "%RECIPIENT", "｛｛"])
@pytest.mark.parametrize("column", ["Given name", "Family name", "Institution"])
def test_what_a_mail_service_would_fill_in_waits(run, opener, column):
    cells = dict(zip(HEAD, AMINA, strict=True)) | {column: f"A {opener}name"}

    row = one_row(run, list(cells.values()))

    assert (row.outcome, row.needs) == ("broken", "merge")
    assert row.problems[0].endswith("which mail services fill in. Delete it.")


def test_too_long_cells_wait_and_none_is_cut_in_silence(run):
    row = one_row(run, ["A" * 1500, "ا" * 30_000, "amina@example.org", ""])

    assert (row.outcome, row.needs, row.asked) == (
        "broken",
        "length",
        ["GIVEN_NAME", "FAMILY_NAME"],
    )


def test_more_cells_than_headings_wait(run):
    text = ",".join(HEAD) + "\nAmina,Otieno,amina@example.org,Court, Nairobi\n"

    row = looked_through(run, text.encode()).rows.get()

    assert (row.outcome, row.needs) == ("broken", "surplus")


def test_a_whole_office_on_one_mailbox_is_no_page_for_each(run):
    lines = "".join(f"Given{n},Family{n},office@example.org,\n" for n in range(400))

    upload = looked_through(run, f"{','.join(HEAD)}\n{lines}".encode())

    assert upload.rows.filter(outcome="new", shares_mailbox=True).count() == 400
    assert max(len(row.notes[0]) for row in upload.rows.all()) < 200


FRENCH = "Nom;Prénom;Pays;Poste\nHébrard;Élodie;Bénin;Procureure générale à la Cour\n"
ARABIC = "الاسم\tالدولة\tالمؤسسة\nمنى الشريف\tمصر\tوزارة العدل\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((FRENCH, encoding) for encoding in ("cp1252", "mac_roman", "utf-8", "utf-8-sig")),
        *((ARABIC, encoding) for encoding in ("cp1256", "utf-8", "utf-8-sig")),
        *((text, f"utf-16{end}") for text in (FRENCH, ARABIC) for end in ("", "-le", "-be")),
    ],
)
def test_every_common_encoding_is_read_without_a_letter_changed(text, encoding):
    sheet = read(text.encode(encoding))

    delimiter = ";" if ";" in text else "\t"
    assert list(sheet.rows[0].cells.values()) == text.splitlines()[1].split(delimiter)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-02-05 00:00:00", "2026-02-05"),
        ("٢٠٢٦-٠٢-٠٥", "2026-02-05"),
        ("۲۰۲۶/۰۲/۰۵", "2026-02-05"),
        ("46058", "2026-02-05"),
        ("46058,5", "2026-02-05"),
        ("46058.0", "2026-02-05"),
    ],
)
def test_dates_of_spreadsheets_are_read(run, cell, day):
    text = f"Name;Email;Date\nAmina Otieno;amina@example.org;{cell}\n"
    upload = looked_through(run, text.encode())
    roster.confirm(upload, by=None)
    roster.carry_out(upload)

    assert str(run.enrolments.get().completed_on) == day


def test_a_date_of_a_workbook_is_a_day_and_a_long_number_stays_one():
    def change(_book, sheet):
        sheet["A3"], sheet["B3"], sheet["C3"] = "Paul Banda", 254712345678, 46058
        sheet["C3"].number_format = "dd/mm/yyyy"

    row = read(book(change, rows=(["Name", "Phone", "Date"],))).rows[0]

    assert row.cells == {
        Column.NAME: "Paul Banda",
        Column.PHONE: "254712345678",
        Column.COMPLETED_ON: "2026-02-05",
    }


def test_nothing_of_a_refused_file_stays(run):
    for data, _message in REFUSED.values():
        with pytest.raises(UnreadableRoster):
            roster.hold(run, io.BytesIO(data), needs_known_headings=True, by=None)

    assert (RosterUpload.objects.count(), RosterRow.objects.count()) == (0, 0)
    assert Profile.objects.count() == 0


def test_where_a_person_names_the_columns_hostile_files_are_refused_too():
    for what in ("a million columns as text", "zeros", "a bomb by ratio", "macros"):
        with pytest.raises(UnreadableRoster):
            list(open_table(io.BytesIO(REFUSED[what][0]), needs_known_headings=False).rows)


def test_a_cell_that_is_not_looked_at_closely_could_hold_nothing_hostile():
    allowed = {chr(code) for code in range(0x3000) if PLAIN.fullmatch("a" + chr(code))}

    written_out = {unicodedata.normalize("NFKC", letter) for letter in allowed}
    signs = {sign for sign in MERGE_SIGNS if set(sign) <= set("".join(written_out))}
    longest = max(length for length in range(100) if PLAIN.fullmatch("a" * length))

    assert signs == set()
    assert longest <= min(LONGEST.values())
    assert not any(PLAIN.fullmatch(sign + "1") for sign in FORMULA)
    assert not PLAIN.fullmatch("#REF!")
