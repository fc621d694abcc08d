"""The colleagues' screens of certificates: given to a whole run at once, one taken back."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from alumni import certificates, certifying
from alumni.models import Certificate, Enrolment
from tests.alumni.test_doors_screens import client_with, text
from tests.factories.alumni import (
    CertificateFactory,
    CourseRunFactory,
    EnrolmentFactory,
    ProfileFactory,
)

pytestmark = pytest.mark.django_db
PAGE = "/cms/joining/winter/certificates/"
RIGHTS = ("view_profile", "view_certificate", "add_certificate", "change_certificate")
TODAY = dt.date(2026, 11, 26)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def run():
    return CourseRunFactory(slug="winter")


@pytest.fixture
def desk():
    return client_with(*RIGHTS)


def took_part(run, completion="completed", **facts):
    return EnrolmentFactory(run=run, completion=completion, **facts)


def test_everyone_who_completed_gets_one_once(run, desk):
    for _person in range(3):
        took_part(run)
    CertificateFactory(enrolment=took_part(run), revoked_on=TODAY)
    took_part(run, "attended")
    took_part(run, role=Enrolment.Role.TRAINER)
    took_part(CourseRunFactory())
    page = text(desk.get(PAGE))
    assert "3 of 4 who completed have no certificate yet." in page
    assert "Give 3 certificates" in page

    said = text(desk.post(PAGE, {"issued_on": "2026-03-01"}, follow=True))
    assert "3 certificates were given." in said
    again = text(desk.post(PAGE, {"issued_on": "2026-03-02"}, follow=True))

    assert "Everyone who completed has one already." in again
    given = Certificate.objects.filter(issued_on=dt.date(2026, 3, 1))
    assert given.count() == len(set(given.values_list("number", flat=True))) == 3
    assert Certificate.objects.count() == 4
    assert ModelLogEntry.objects.get(action="alumni.certificates").data == {"people": 3}
    assert certificates.check(given[0].number) is not None


def test_a_day_that_is_none_gives_nothing(run, desk):
    took_part(run)

    assert desk.post(PAGE, {"issued_on": "31 June"}).status_code == 422
    assert Certificate.objects.count() == 0


def test_one_is_revoked_for_a_reason_and_not_given_anew(run, desk):
    certificate = CertificateFactory(enrolment=took_part(run))
    address = f"{PAGE}{certificate.pk}/revoke/"
    assert f'href="{address}"' in desk.get(PAGE).content.decode()
    assert "name or date on it is wrong" in text(desk.get(address))

    assert desk.post(address, {"reason": "weather"}).status_code == 422
    assert desk.post(address, {}).status_code == 422
    said = text(desk.post(address, {"reason": "wrong", "note": "a letter"}, follow=True))

    certificate.refresh_from_db()
    assert (certificate.revoked_on, certificate.revoked_for) == (TODAY, "wrong")
    assert certificate.revoked_why == "a letter"
    assert certificates.check(certificate.number) is None
    assert f"{certificate.number} is not valid any more." in said
    assert "name or date on it is wrong" in said
    assert certifying.give(run=run, issued_on=TODAY) == 0
    desk.post(address, {"reason": "mistake"})
    certificate.refresh_from_db()
    assert certificate.revoked_for == "wrong"


def test_a_certificate_of_another_run_is_not_found(run, desk):
    other = CertificateFactory()

    assert desk.get(f"{PAGE}{other.pk}/revoke/").status_code == 404
    assert desk.post(f"{PAGE}{other.pk}/revoke/", {"reason": "wrong"}).status_code == 404


@pytest.mark.parametrize(
    ("rights", "sees", "gives"),
    [
        (("view_profile",), False, False),
        (("view_profile", "view_certificate"), True, False),
        (RIGHTS, True, True),
    ],
)
def test_who_may_see_give_and_revoke(run, rights, sees, gives):
    certificate = CertificateFactory(enrolment=took_part(run))
    took_part(run)
    client = client_with(*rights)

    assert (client.get(PAGE).status_code == 200) is sees
    client.post(PAGE, {"issued_on": "2026-03-01"})
    client.post(f"{PAGE}{certificate.pk}/revoke/", {"reason": "wrong"})

    certificate.refresh_from_db()
    assert (Certificate.objects.count() == 2) is gives
    assert (certificate.revoked_on is not None) is gives


@pytest.mark.parametrize("page", [PAGE, "/cms/certificates/", "/cms/enrolment_chooser/"])
def test_queries_do_not_grow(run, desk, page):
    def count():
        with CaptureQueriesContext(connection) as found:
            assert desk.get(page).status_code == 200
        return len(found)

    def add():
        took_part(run)
        CertificateFactory(enrolment=took_part(run))

    add()
    count()
    one = count()
    add()
    add()
    assert count() == one


def test_the_form_chooses_who_took_part_by_name_and_course(run, desk):
    someone = took_part(run, profile=ProfileFactory(given_name="Amina", family_name="Otieno"))
    took_part(CourseRunFactory(slug="spring"), profile=someone.profile)
    CertificateFactory(
        enrolment=took_part(run, profile=ProfileFactory(given_name="Amina", family_name="Has"))
    )

    form = desk.get("/cms/certificates/new/").content.decode()
    assert "<select" not in form.partition("id_enrolment")[2].partition("id_number")[0]
    assert "Choose who took part" in form
    found = text(desk.get("/cms/enrolment_chooser/results/?q=amina winter"))

    assert f"{someone}" in found
    assert "spring" not in found
    assert "Has" not in found


def test_the_list_finds_by_name_and_offers_to_revoke(run, desk):
    certificate = CertificateFactory(
        enrolment=took_part(run, profile=ProfileFactory(family_name="Otieno"))
    )
    CertificateFactory()

    page = desk.get("/cms/certificates/?q=otieno").content.decode()

    assert page.count("/revoke/") == 1
    assert certificate.number in page
