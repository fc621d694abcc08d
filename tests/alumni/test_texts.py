"""One value in several languages: assigned, stored, printed, edited."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from alumni.models import Course, Programme
from alumni.texts import Texts
from tests.factories.alumni import CourseFactory, ProgrammeFactory


def test_a_text_prints_itself_in_the_language_of_the_moment():
    course = Course(title={"en": "Evidence", "ar": "الأدلة"})

    printed = {}
    for code in ("en", "ar", "fr"):
        with override(code):
            printed[code] = f"{course.title}|{course}"

    assert printed == {
        "en": "Evidence|Evidence",
        "ar": "الأدلة|الأدلة",
        "fr": "Evidence|Evidence",
    }


def test_a_language_that_is_missing_falls_back_to_the_site_s_first_then_to_any():
    assert Texts({"ar": "الأدلة", "en": "Evidence"}).in_language("pt") == "Evidence"
    assert Texts({"ar": "الأدلة"}).in_language("pt") == "الأدلة"
    assert Texts({"pt": "Provas"}).in_language("pt-br") == "Provas"
    assert Texts().in_language("en") == ""


def test_a_plain_string_is_in_the_site_s_first_language():
    assert Course(title="Evidence").title == {"en": "Evidence"}


@pytest.mark.django_db
def test_a_text_comes_back_as_it_was_stored_and_empty_languages_are_left_out():
    CourseFactory(title={"en": "Evidence", "fr": "", "ar": "الأدلة"})

    title = Course.objects.get().title
    assert title == {"en": "Evidence", "ar": "الأدلة"}
    assert isinstance(title, Texts)
    assert Course.objects.only("slug").get().title_in("ar") == "الأدلة"


@pytest.mark.django_db
def test_a_title_too_long_in_one_language_is_refused():
    programme = ProgrammeFactory.build(title={"en": "Threats", "ar": "ت" * 201})

    with pytest.raises(ValidationError, match="at most 200 characters"):
        programme.full_clean()


@pytest.mark.django_db
def test_a_title_in_no_language_is_refused():
    with pytest.raises(ValidationError, match="cannot be blank"):
        Programme(title={}, slug="threats").full_clean()
