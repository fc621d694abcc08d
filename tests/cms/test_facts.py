"""Facts of countries: on the page with source and date, and in and out by table."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms import facts
from cms.contexts.facts import a_year_before
from cms.models import CountryFact
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.cms import CountryFactory, Tree, translated

TODAY = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
SOURCE = "https://example.org/law"
HEAD = "country,kind,label,value,source,as_at"
KIND = settings.PACK.fact_kinds[0]


@pytest.fixture(autouse=True)
def _day() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def fact(**changes: Any) -> CountryFact:
    given: dict[str, Any] = {
        "country": "KE",
        "label": {"en": "A law", "ar": "قانون"},
        "value": {"en": "In force", "ar": "سارٍ"},
        "source": SOURCE,
        "as_at": dt.date(2026, 5, 1),
    }
    return CountryFact.objects.create(**given | changes)


def editor() -> Any:
    user = UserFactory()
    user.groups.add(Group.objects.get(name="Editors"))
    return user


def planned(table: str | bytes) -> list[tuple[int, str, str]]:
    data = table if isinstance(table, bytes) else table.encode()
    return [(one.number, one.does, one.why) for one in facts.plan(facts.read(io.BytesIO(data)))]


# --- on the page


def test_a_fact_stands_on_its_country_in_each_language_with_source_and_day(
    tree: Tree, client: Client
) -> None:
    kenya = CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    translated(kenya, "ar", title="كينيا", slug="kenya")
    fact()
    fact(country="UG", label={"en": "Not here"})

    english = client.get("/en/countries/kenya/").content.decode()
    arabic = client.get("/ar/countries/kenya/").content.decode()

    assert "A law" in english
    assert f'href="{SOURCE}"' in english
    assert "Verified on 1 May 2026" in english
    assert "Not here" not in english
    assert "سارٍ" in arabic
    assert "In force" not in arabic


def test_facts_come_in_the_order_of_the_pack_and_old_ones_say_so(
    tree: Tree, client: Client
) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    fact(as_at=dt.date(2025, 11, 1))
    fact(kind=KIND.code, label={}, as_at=dt.date(2025, 11, 2))

    shown = client.get("/en/countries/kenya/")

    lines = shown.context["facts"]
    assert [(one.title, one.is_old) for one in lines] == [
        (KIND.names["en"], False),
        ("A law", True),
    ]
    assert "Not verified since 1 November 2025" in shown.content.decode()


def test_the_year_before_a_leap_day_ends_in_february() -> None:
    assert a_year_before(dt.date(2028, 2, 29)) == dt.date(2027, 2, 28)


def test_facts_cost_one_query_and_hidden_countries_show_none(tree: Tree, client: Client) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    CountryFactory(parent=tree.countries["en"], country="UG", slug="uganda", audience="members")
    fact()
    fact(country="UG")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/en/countries/kenya/").status_code == 200
        return len(captured)

    queries()
    one = queries()
    for number in range(3):
        fact(label={"en": f"Law {number}"})

    assert queries() == one
    assert client.get("/en/countries/uganda/").status_code == 404


# --- what a fact must have


@pytest.mark.parametrize(
    "changes",
    [
        {"source": ""},
        {"source": "javascript:alert(1)"},
        {"source": "ftp://example.org/x"},
        {"as_at": None},
        {"as_at": dt.date(2026, 11, 3)},
        {"value": {}},
        {"label": {}},
        {"kind": "no such kind"},
    ],
)
def test_a_fact_without_source_day_or_matter_is_refused(db: None, changes: Any) -> None:
    given = {"label": {"en": "A law"}, "value": {"en": "Yes"}, "source": SOURCE}
    made = CountryFact(country="KE", **{**given, "as_at": dt.date(2026, 1, 1), **changes})

    with pytest.raises(ValidationError):
        made.full_clean()


def test_a_country_has_a_fact_once(db: None) -> None:
    fact()

    with pytest.raises(ValidationError, match="already"):
        CountryFact(
            country="KE",
            label={"en": "A law"},
            value={"en": "x"},
            source=SOURCE,
            as_at=TODAY.date(),
        ).full_clean()


# --- by table


def test_each_row_is_told_what_would_happen_to_it_and_nothing_is_written(db: None) -> None:
    fact(label={"en": "Same"}, value={"en": "Yes"})
    fact(label={"en": "Old"}, value={"en": "Yes"})
    fact(label={"en": "Newer"}, value={"en": "Yes"}, as_at=dt.date(2026, 9, 1))

    report = planned(
        f"{HEAD}\n"
        f"Kenya,,Same,Yes,{SOURCE},2026-05-01\n"
        f"KE,,Old,No,{SOURCE},2026-06-01\n"
        f"KE,,Newer,No,{SOURCE},2026-06-01\n"
        f"كينيا,{KIND.names['en']},,1 May 2000,{SOURCE},2026-06-01\n"
        f"KE,,Old,No,{SOURCE},2026-06-02\n"
        "\n"
        f"XX,,Law,Yes,{SOURCE},2026-06-01\n"
        f"KE,,Law,Yes,,2026-06-01\n"
        f"KE,,Law,Yes,{SOURCE},\n"
        f"KE,,Law,Yes,{SOURCE},1/6/2026\n"
        f"KE,nothing,Law,Yes,{SOURCE},2026-06-01\n"
    )

    assert report == [
        (2, "same", ""),
        (3, "changed", ""),
        (4, "refused", "What stands was verified later, on 2026-09-01."),
        (5, "new", ""),
        (6, "refused", "The same as row 3. Keep one of them."),
        (8, "refused", "“XX” is no country of the network."),
        (9, "refused", "It has no source."),
        (10, "refused", "It does not say on which day it was verified (as_at)."),
        (11, "refused", "“1/6/2026” is no day. Write it like 2026-09-08."),
        (
            12,
            "refused",
            "“nothing” is none of the kinds. Leave the cell empty and write it as a label.",
        ),
    ]
    assert CountryFact.objects.count() == 3


def test_a_table_in_one_language_leaves_the_others_until_what_holds_has_changed(db: None) -> None:
    fact()
    same = f"{HEAD}\nKE,,A law,In force,{SOURCE},2026-06-01\n"
    other = f"{HEAD}\nKE,,A law,Repealed,{SOURCE},2026-06-02\n"

    for table, value in (
        (same, {"en": "In force", "ar": "سارٍ"}),
        (other, {"en": "Repealed"}),
    ):
        facts.bring_in(rows=facts.read(io.BytesIO(table.encode())), by=editor())
        [kept] = CountryFact.objects.all()
        assert (kept.label, kept.value) == ({"en": "A law", "ar": "قانون"}, value)


@pytest.mark.parametrize("value", ["=1+1", '=HYPERLINK("x")', "@SUM(A1)", " =cmd|' /C calc'!A0"])
def test_a_formula_is_refused(db: None, value: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD.split(","), ["KE", "", "Law", value, SOURCE, "2026-01-01"]])

    [(_row, does, why)] = planned(out.getvalue())

    assert (does, "formula" in why) == ("refused", True)


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)", "example.org", "https://" + "x" * 600, "http://"]
)
def test_a_source_that_cannot_be_opened_is_refused(db: None, source: str) -> None:
    [(_row, does, why)] = planned(f"{HEAD}\nKE,,Law,Yes,{source},2026-01-01\n")

    assert does == "refused"
    assert why.startswith("source: ")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "first row"),
        (b"\x00\x01\x02\x03" * 40, "table|first row"),
        (b"name,mail\nx,y\n", "first row"),
        (b"country,kind,source\nKE,,x\n", "missing: as_at, value"),
        (b"country,source,source,as_at,value\n", "same heading"),
        (HEAD.encode() + b'\nKE,,"never closed,Yes\n', "quotation mark"),
        (b"x" * (facts.MOST_BYTES + 1), "512 KB"),
        (HEAD.encode() + b"\nKE,,L,V,S,D" * (facts.MOST_ROWS + 1), "more than 2000 rows"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(db: None, data: bytes, says: str) -> None:
    with pytest.raises(facts.UnreadableTable, match=says):
        facts.read(io.BytesIO(data))


def test_other_delimiters_encodings_and_languages_are_read(db: None) -> None:
    head = '"country";"label";"value";"value (ar)";"source";"as at"'
    table = f'{head}\r\n"KE";"Loi d’été";"Oui; bien";"نعم";"{SOURCE}";"2026-01-01"\r\n'

    for encoding in ("utf-8-sig", "utf-16"):
        [line] = facts.plan(facts.read(io.BytesIO(table.encode(encoding))))
        assert line.fact is not None
        assert line.fact.value == {"en": "Oui; bien", "ar": "نعم"}


def test_what_goes_out_is_no_formula_and_comes_in_again_as_it_was(db: None) -> None:
    fact(label={"en": "-minus"}, value={"en": "+20", "ar": "سارٍ"})
    fact(label={"en": "Law"}, value={"en": "=1+1"})

    out = facts.as_csv()

    cells = [cell for row in csv.reader(io.StringIO(out.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert {does for _n, does, _why in planned(out)} == {"same"}


def test_whoever_keeps_no_facts_brings_none_in(db: None) -> None:
    with pytest.raises(PermissionDenied):
        facts.bring_in(rows=[], by=ProfileFactory(joined=True).user)


def test_an_editor_reads_a_table_then_writes_it(db: None, client: Client) -> None:
    client.force_login(editor())
    fact(label={"en": "Stands"})
    table = f"{HEAD}\nKE,,<b>Law</b>,Yes,{SOURCE},2026-01-01\nKE,,Law,Yes,,2026-01-01\n"
    upload = SimpleUploadedFile("facts.csv", table.encode())

    seen = client.post("/cms/country-facts/table/", {"file": upload})

    page = seen.content.decode()
    assert CountryFact.objects.count() == 1
    assert "1 fact would be written; nothing has been yet." in page
    assert "It has no source." in page
    assert "<b>Law</b>" not in page

    done = client.post("/cms/country-facts/table/", {"sealed": seen.context["sealed"]})

    assert "1 fact was written." in done.content.decode()
    assert CountryFact.objects.count() == 2
    again = client.post("/cms/country-facts/table/", {"sealed": seen.context["sealed"]})
    assert "0 facts were written." in again.content.decode()
    forged = client.post("/cms/country-facts/table/", {"sealed": "x" + seen.context["sealed"]})
    assert "choose the file once more" in forged.content.decode()
    assert CountryFact.objects.count() == 2


def test_the_editors_list_leads_to_the_table(db: None, client: Client) -> None:
    client.force_login(editor())
    made = fact()

    listed = client.get("/cms/snippets/cms/countryfact/")

    assert "/cms/country-facts/table/" in listed.content.decode()
    assert client.get(f"/cms/snippets/cms/countryfact/edit/{made.pk}/").status_code == 200
    assert client.get("/cms/country-facts/table/").status_code == 200
    assert client.get("/cms/country-facts/all.csv").status_code == 200
    client.force_login(ProfileFactory(joined=True).user)
    for address in ("table/", "all.csv"):
        assert client.get(f"/cms/country-facts/{address}").status_code != 200
