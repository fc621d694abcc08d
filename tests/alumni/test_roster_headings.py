"""Headings as people write them, in the languages of the offices, and the words of cells."""

import pytest
from django.utils.translation import override

from alumni.roster.columns import (
    LABELS,
    Column,
    columns_of_headings,
    leave_no_doubt,
    meanings,
    own_words,
)
from alumni.roster.terms import Terms, offered
from newsletters.spreadsheets.words import folded

LISTS = {
    "pt": ("Nome,Correio electrónico,País,Função,Conclusão", "NAME EMAIL COUNTRY POST COMPLETION"),
    "pt, our own": ("Apelido,Cargo,Função,Concluído em", "FAMILY_NAME POST ROLE COMPLETED_ON"),
    "fr": ("Nom et Prénoms,Fonction,Rôle,N° de téléphone", "NAME POST ROLE PHONE"),
    "fr, with a post": ("Prénom,Nom,Poste,Fonction", "GIVEN_NAME FAMILY_NAME POST ROLE"),
    "ar": ("الإسم الكامل,الرتبة,الدور,تاريخ الانتهاء", "NAME POST ROLE COMPLETED_ON"),
    "ar, by parts": ("الاسم الأول,النسب,رقم المحمول", "GIVEN_NAME FAMILY_NAME PHONE"),
    "en": ("Names,Designation,Role,Profession", "NAME POST PART ROLE"),
    "end of course": ("Full name,Completion,End date", "NAME COMPLETION COMPLETED_ON"),
}


@pytest.mark.parametrize("kind", LISTS)
def test_headings_are_understood(kind):
    headings, columns = LISTS[kind]

    found = [column and column.name for column in columns_of_headings(headings.split(","))]

    assert " ".join(map(str, found)) == columns


def test_two_headings_for_the_same_stay_two():
    found = columns_of_headings(["Name", "E-mail", "Email"])

    assert found == [Column.NAME, Column.EMAIL, Column.EMAIL]


@pytest.fixture
def in_spanish(settings):
    settings.LANGUAGES = [("es", "Español")]
    for known in (meanings, own_words):
        known.cache_clear()
    yield
    for known in (meanings, own_words):
        known.cache_clear()


def test_our_own_word_for_two_columns_leaves_doubt(in_spanish):
    assert not leave_no_doubt(["Nombre", "País"], columns_of_headings(["Nombre", "País"]))
    assert leave_no_doubt(["Name", "País"], columns_of_headings(["Name", "País"]))


@pytest.mark.parametrize("language", ["en", "fr", "ar", "pt"])
def test_every_word_and_code_that_the_page_offers_is_understood(language):
    known = Terms()
    codes = {
        Column.ROLE: known.roles,
        Column.INSTITUTION_TYPE: known.institution_types,
        Column.PART: known.parts,
        Column.COMPLETION: known.completions,
        Column.GENDER: known.genders,
        Column.COUNTRY: known.countries,
        Column.LANGUAGES: known.languages,
    }

    with override(language):
        by_label = {str(LABELS[column]): its for column, its in codes.items()}
        shown = {str(heading): choices for heading, choices in offered()}
        misread = [
            (text, code)
            for heading, choices in shown.items()
            for code, word in choices
            for text in (code, word)
            if by_label[heading].get(folded(text)) != code
        ]

    assert set(shown) == set(by_label)
    assert misread == []
