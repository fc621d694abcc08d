"""The check page: valid or not, course and date, and never whose it is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from alumni.models import Profile
from tests.factories.alumni import CertificateFactory

pytestmark = pytest.mark.django_db
PAGE = "/en/certificates/"


@pytest.fixture
def certificate():
    made = CertificateFactory(number="7KQX-93MD-W4")
    Profile.objects.update(given_name="Qanarygiven", family_name="Xanaryfamily")
    return made


@pytest.mark.parametrize("typed", ["7KQX-93MD-W4", "7kqx-93md-w4", " 7KQX – 93MD – W4 "])
def test_a_valid_one_is_found_however_it_is_typed(client, certificate, typed):
    page = client.get(PAGE, {"number": typed}).content.decode()

    assert "Valid." in page
    assert certificate.enrolment.run.title in page
    assert "anary" not in page
    assert certificate.enrolment.profile.key not in page


def test_a_revoked_one_is_answered_as_one_that_never_was(client, certificate):
    certificate.revoked_on = dt.date(2026, 3, 1)
    certificate.revoked_why = "canary: given by mistake"
    certificate.save()

    revoked = client.get(PAGE, {"number": "7KQX-93MD-W4"}).content
    unknown = client.get(PAGE, {"number": "7KQX-93MD-W5"}).content.replace(b"W5", b"W4")

    assert revoked == unknown
    assert b"Valid." not in revoked
    assert b"canary" not in revoked


def test_without_a_number_it_asks_for_one(client):
    page = client.get(PAGE)

    assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex")
    assert "Not valid" not in page.content.decode()


def test_a_number_is_given_once_whatever_its_letters(certificate):
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificateFactory(number="7kqx-93md-w4")


def test_numbers_cannot_be_tried_out():
    numbers = {CertificateFactory.build(enrolment=None).number for _one in range(200)}

    assert len(numbers) == 200
    assert {len(number) for number in numbers} == {12}
