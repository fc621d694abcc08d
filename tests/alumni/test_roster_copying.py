"""Rows copied in are those that would have been inserted; a lot touches its own rows alone."""

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from alumni.models import Profile, RosterUpload
from alumni.roster.carry import WRITTEN
from alumni.roster.survey import STORE
from newsletters.spreadsheets.copying import copy_in
from tests.factories.alumni import CourseRunFactory

pytestmark = pytest.mark.django_db

HARD = {
    "given_name": "In\tês\\N",
    "family_name": "محمد \\. {x}",
    "institution": "a\nb",
    "languages": ["fr", 'a"b,{c}'],
    "biography": "NULL",
}


def test_rows_copied_in_are_those_that_would_have_been_inserted():
    copied, inserted = Profile(**HARD), Profile(**HARD)

    copy_in([copied])
    Profile.objects.bulk_create([inserted])

    one, other = Profile.objects.order_by("pk")
    assert (one.pk, other.pk) == (copied.pk, inserted.pk)
    same = {"id", "key", "listed_as", "words"}
    assert model_to_dict(one, exclude=same) == model_to_dict(other, exclude=same)
    assert (one.words, one.listed_as) == (other.words, other.listed_as)
    assert one.created_at is not None
    assert not copied._state.adding


def test_copying_takes_two_statements_for_any_number():
    with CaptureQueriesContext(connection) as captured:
        copy_in([])
        copy_in([Profile(given_name=f"G{n}") for n in range(3)])

    assert len(captured) <= 2
    assert Profile.objects.count() == 3


def test_a_lot_does_not_go_through_the_whole_roster():
    upload = RosterUpload.objects.create(run=CourseRunFactory(), language="en")

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for statement, values in ((STORE, ["[]"]), (WRITTEN, [[1], ["new"], [None]])):
            cursor.execute(f"EXPLAIN {statement}", [*values, upload.pk, 1, 1000])
            plan = [line for (line,) in cursor.fetchall() if "Index Cond" in line]

            assert any("(number >= 1) AND (number <= 1000)" in line for line in plan), plan
