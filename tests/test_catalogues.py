"""Every sentence of the interface stands in every language, whole, with its values and forms."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from gettext import c2py

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

import packs
from config.local import messages
from packs.reading import HOME

LANGUAGES = list(messages.LANGUAGES)
ALL = [*LANGUAGES, *messages.OF_THE_PUBLIC]
VALUE = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
TAG = re.compile(r"<[^>]+>")
WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(params=ALL)
def written(request: pytest.FixtureRequest) -> Catalog:
    """A language's catalogue as it is kept in the tree."""
    return messages.catalogue(request.param)


def test_every_language_of_the_site_but_english_has_a_catalogue() -> None:
    assert sorted(LANGUAGES) == sorted(code for code, _ in settings.LANGUAGES if code != "en")


def test_every_language_of_every_pack_has_a_catalogue() -> None:
    spoken = {
        language
        for path in HOME.glob("*/centre.yaml")
        for language in packs.load(path.parent.name).languages
    }

    assert spoken - {"en"} == set(ALL)


def test_catalogue_holds_the_sentences_of_the_tree_and_no_others(
    written: Catalog,
) -> None:
    """If this fails: make extract, then translate."""
    language = written.locale_identifier or ""
    wanted, kept = _keys(messages.wanted(language)), _keys(written)

    assert (sorted(wanted - kept), sorted(kept - wanted)) == ([], [])


def test_who_signs_in_is_asked_in_the_languages_of_the_public() -> None:
    modules = {form.rpartition(".")[0] for form in settings.ACCOUNT_FORMS.values()}

    assert [
        one for one in modules if not f"{one.replace('.', '/')}.py".startswith(messages.PUBLIC)
    ] == []


def test_every_sentence_is_translated_in_all_its_forms(written: Catalog) -> None:
    plural = len(_numbers_by_form(written))

    lacking = [
        message.id
        for message in _of(written)
        if message.fuzzy
        or not all(text.strip() for text in messages.forms(message))
        or len(messages.forms(message)) != (plural if message.pluralizable else 1)
    ]

    assert lacking == []


def test_every_translation_keeps_the_values_and_tags_of_its_sentence(written: Catalog) -> None:
    numbers = _numbers_by_form(written)

    broken = [
        (message.id, text)
        for message in _of(written)
        for form, text in enumerate(messages.forms(message))
        if not _keeps(message, text, numbers[form] if message.pluralizable else set())
    ] + [(message.id, str(error)) for message in _of(written) for error in message.check()]

    assert broken == []


def test_every_translation_keeps_the_edges_of_its_sentence(written: Catalog) -> None:
    """A space or a line end at the border of a sentence is part of a mail's set-up."""
    broken = [
        message.id
        for message in _of(written)
        for text in messages.forms(message)
        if _edges(text) != _edges(_ids(message)[0])
    ]

    assert broken == []


def test_arabic_counts_in_six_forms() -> None:
    numbers = _numbers_by_form(messages.catalogue("ar"))

    assert [sorted(form)[:3] for form in numbers] == [
        [0],
        [1],
        [2],
        [3, 4, 5],
        [11, 12, 13],
        [100, 101, 102],
    ]


def test_arabic_is_written_in_arabic() -> None:
    """What is known by a Latin name stands among Arabic words, never alone."""
    latin = [
        text
        for message in _of(messages.catalogue("ar"))
        for text in messages.forms(message)
        if WORD.search(TAG.sub("", VALUE.sub("", text))) and not re.search(r"[ء-ي]", text)
    ]

    assert latin == []


def test_french_marks_stay_beside_their_words() -> None:
    """A line must not begin with a colon: the spaces before high marks do not break."""
    found = [
        text
        for message in _of(messages.catalogue("fr"))
        for text in messages.forms(message)
        if re.search(r" [:;!?»]|« ", text)
    ]

    assert found == []


@pytest.mark.parametrize("language", ALL)
@pytest.mark.parametrize(
    "theirs",
    ["Too many failed login attempts. Try again later.", "Save draft", "Enter a valid date."],
)
def test_sign_in_and_admin_bring_their_own_words(language: str, theirs: str) -> None:
    """What allauth, Wagtail and Django say: Portuguese is found although they call it pt_PT."""
    with translation.override(language):
        assert translation.gettext(theirs) != theirs


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "8 September 2026, 14:30"),
        ("fr", "8 septembre 2026 14:30"),
        ("ar", "8 سبتمبر 2026، 14:30"),
        ("pt", "8 de setembro de 2026 às 14:30"),
    ],
)
def test_a_date_reads_as_its_readers_write_it(language: str, written: str) -> None:
    with translation.override(language):
        assert date_format(dt.datetime(2026, 9, 8, 14, 30), "DATETIME_FORMAT") == written


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("fr", "ltr"), ("ar", "rtl"), ("pt", "ltr")]
)
def test_page_says_its_language_and_direction(
    client: Client, db: None, language: str, direction: str
) -> None:
    page = client.get(f"/{language}/accounts/login/").content.decode()

    assert re.findall(r"<html[^>]*>", page) == [f'<html lang="{language}" dir="{direction}">']


def _of(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _keys(catalog: Iterable[Message]) -> set[tuple[tuple[str, ...], str]]:
    return {(_ids(message), message.context or "") for message in catalog if message.id}


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _numbers_by_form(catalog: Catalog) -> list[set[int]]:
    """For each plural form of the language the numbers up to 200 that take it."""
    form_of = c2py(catalog.plural_expr)
    return [{n for n in range(201) if form_of(n) == form} for form in range(catalog.num_plurals)]


def _keeps(message: Message, text: str, numbers: set[int]) -> bool:
    """Same values and tags. A form for one number alone may say that number in words, and so may
    the one for 1 where the English singular does."""
    ids = _ids(message)
    if Counter(TAG.findall(ids[-1])) != Counter(TAG.findall(text)):
        return False
    asked, given = set(VALUE.findall(ids[-1])), set(VALUE.findall(text))
    if any(not value.startswith("%(") for value in asked - given):
        return False
    alone = len(numbers) == 1
    in_words = asked - set(VALUE.findall(ids[0])) if alone or 1 in numbers else set()
    return given <= asked and len(asked - given - in_words) <= alone


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
