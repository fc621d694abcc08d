"""Nobody has to type accents: words are found without them, in each language of the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page
from wagtail.search.index import insert_or_update_object

from cms.models import Topic
from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import CountryFactory, StoryFactory, Tree, UpdateFactory, translated

WORDS = [
    ("en", "The café of Zoë N’Diaye", ["cafe", "zoe", "n'diaye", "CAFÉ"]),
    ("fr", "Procès à Thiès : l’été des élèves", ["proces thies", "ete", "eleves", "l'été"]),
    ("pt", "Formação de Inês em Macuácua", ["formacao", "ines", "MACUACUA", "formação"]),
    ("ar", "إحالة الضحايا إلى المحكمة", ["احالة", "إحاله", "المحكمه", "الضحايا الي"]),
    ("ar", "مكافحة الاتجار بالأشخاص", ["اتجار", "والاتجار", "اشخاص", "للأشخاص", "المكافحة"]),
    ("ar", "الاتجار وتهريب المهاجرين", ["تهريب", "التهريب", "مهاجرين", "والمهاجرين"]),
    ("ar", "دور الإيواء", ["إيواء", "ايواء", "بالإيواء"]),
    ("ar", "وزارة العدل", ["وزارة", "الوزارة", "عدل"]),
    ("ar", "في الموانئ، على الشاطئ؛ أتتصل؟", ["موانئ", "الشاطئ", "أتتصل", "الموانئ،"]),
    ("ar", "مُحَمَّد مصطفى وآل مؤمن", ["محمد", "مصطفي", "وال", "مومن"]),
]


@pytest.mark.parametrize(("language", "title", "asked"), WORDS)
def test_words_are_found_without_their_accents(
    tree: Tree, client: Client, language: str, title: str, asked: list[str]
) -> None:
    if language not in tree.stories:
        translated(tree.home["en"], language)
        tree.stories[language] = translated(tree.stories["en"], language)
    insert_or_update_object(StoryFactory(parent=tree.stories[language], title=title))

    found = {word: _titles(client, language, word) for word in asked}

    assert found == dict.fromkeys(asked, [title])


def _titles(client: Client, language: str, words: str) -> list[str]:
    found = client.get(f"/{language}/search/", {"q": words}).context["found"]
    return [hit.title for hit in found.hits]


@pytest.mark.parametrize("field", ["standfirst", "body"])
def test_standfirst_and_text_are_folded_as_the_title_is(
    tree: Tree, client: Client, field: str
) -> None:
    value: Any = "Élève" if field == "standfirst" else [("paragraph", "<p>Élève</p>")]
    story = StoryFactory(parent=tree.stories["en"], title="Story", **{field: value})
    insert_or_update_object(story)

    assert _titles(client, "en", "eleve") == ["Story"]
    assert _titles(client, "en", "eleven") == []


def test_editors_find_what_they_type_with_and_without_accents(tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"], title="Procès à Thiès")
    insert_or_update_object(story)

    for word in ("procès", "proces"):
        assert [page.pk for page in Page.objects.search(word)] == [story.pk]
        assert [page.pk for page in Page.objects.search(word, fields=["title"])] == [story.pk]
        assert [page.pk for page in Page.objects.autocomplete(word[:4])] == [story.pk]


def indexed(page: Any) -> Any:
    insert_or_update_object(page)
    return page


def found(client: Client, **asked: str) -> Any:
    return client.get("/en/search/", {"q": "sheet"} | asked).context["found"]


def options(found: Any, name: str) -> dict[str, int]:
    [facet] = [facet for facet in found.facets if facet.name == name]
    return {option.value: option.count for option in facet.options}


@pytest.fixture
def sheets(tree: Tree) -> Tree:
    """Pages of each kind that have the word, in two countries, two languages, for two circles."""
    make.topic("care", en="Care")
    make.topic("shelter", en="Shelter")
    make.topic("law", en="Law")
    Topic.objects.filter(code="shelter").update(parent="care")
    for title, countries, topics, more in (
        ("Sheet one", ("KE",), ("shelter",), {}),
        ("Sheet two", ("KE", "UG"), ("law",), {}),
        ("Canary sheet", ("ZM",), ("care",), {"audience": "members"}),
    ):
        indexed(
            StoryFactory(
                parent=tree.stories["en"], title=title, countries=countries, topics=topics, **more
            )
        )
    indexed(StoryFactory(parent=tree.stories["ar"], title="Sheet قصة", countries=("KE",)))
    call = {"title": "Sheet call", "eligible_countries": ["UG"], "topics": ["care"]}
    indexed(UpdateFactory(parent=tree.updates["en"], **call))
    indexed(CountryFactory(parent=tree.countries["en"], country="KE", title="Sheet of Kenya"))
    return tree


def test_facets_count_what_choosing_them_would_show(sheets: Tree, client: Client) -> None:
    page = found(client)

    assert page.count == 4
    assert options(page, "kind") == {"stories": 2, "calls": 1, "countries": 1}
    assert options(page, "country") == {"KE": 3, "UG": 2}
    assert options(page, "topic") == {"care": 2, "shelter": 1, "law": 1}
    assert options(page, "in") == {"en": 4, "ar": 1}
    for name in ("kind", "country", "topic", "in"):
        for value, count in options(page, name).items():
            assert found(client, **{name: value}).count == count, (name, value)


def test_a_facet_counts_what_the_others_leave(sheets: Tree, client: Client) -> None:
    page = found(client, country="UG")

    assert sorted(hit.title for hit in page.hits) == ["Sheet call", "Sheet two"]
    assert options(page, "kind") == {"stories": 1, "calls": 1}
    assert options(page, "country") == {"KE": 3, "UG": 2}
    assert options(page, "topic") == {"care": 1, "law": 1}


def test_what_is_for_members_is_counted_for_members_alone(sheets: Tree, client: Client) -> None:
    stranger = client.get("/en/search/", {"q": "sheet"}).content.decode()
    assert "Canary" not in stranger
    assert 'value="ZM"' not in stranger

    client.force_login(ProfileFactory(joined=True).user)
    page = found(client)

    assert page.count == 5
    assert options(page, "country") == {"KE": 3, "UG": 2, "ZM": 1}
    [hit] = found(client, country="ZM").hits
    assert (hit.title, hit.members_only) == ("Canary sheet", True)


def test_other_languages_are_offered_and_shown_as_what_they_are(
    sheets: Tree, client: Client
) -> None:
    assert found(client).elsewhere == (("ar", "Arabic", 1),)
    body = client.get("/en/search/", {"q": "قصة"}).content.decode()
    assert 'href="?q=%D9%82%D8%B5%D8%A9&amp;in=ar"' in body

    body = client.get("/en/search/", {"q": "sheet", "in": "ar"}).content.decode()
    assert '<h2 lang="ar" dir="rtl">' in body
    assert found(client, **{"in": "all"}).count == 5


def test_hits_show_where_the_words_stand(tree: Tree, client: Client) -> None:
    far = "<p>" + "Before it. " * 40 + "The café’s sheets" + " after it." * 40 + "</p>"
    indexed(StoryFactory(parent=tree.stories["en"], title="One", body=[("paragraph", far)]))
    indexed(StoryFactory(parent=tree.stories["en"], title="A CAFÉ & more"))

    page = client.get("/en/search/", {"q": "cafe"})

    assert "<mark>CAFÉ</mark> &amp; more" in page.content.decode()
    [deep] = [hit for hit in page.context["found"].hits if hit.title == "One"]
    assert ("café", True) in deep.excerpt
    assert sum(len(piece) for piece, _is_word in deep.excerpt) < 250


def test_nothing_found_says_what_to_try(sheets: Tree, client: Client) -> None:
    page = client.get("/en/search/", {"q": "Keyna shelters"})

    body = page.content.decode()
    assert page.context["found"].meant == "kenya shelter"
    assert 'href="?q=kenya%20shelter"' in body
    assert 'href="/en/topics/shelter/"' in body
    narrowed = client.get("/en/search/", {"q": "sheet", "country": "ET"})
    assert 'href="?q=sheet"' in narrowed.content.decode()


def test_hits_are_leafed_through_with_all_that_was_asked(tree: Tree, client: Client) -> None:
    for number in range(14):
        indexed(StoryFactory(parent=tree.stories["en"], title=f"Sheet {number}"))

    first = client.get("/en/search/", {"q": "sheet", "country": "KE"})
    second = client.get("/en/search/", {"q": "sheet", "country": "KE", "page": "2"})

    pages = [hit.title for answer in (first, second) for hit in answer.context["found"].hits]
    assert len(pages) == len(set(pages)) == 14
    assert 'href="?q=sheet&amp;country=KE&amp;page=2"' in first.content.decode()


@pytest.mark.parametrize(
    "nonsense",
    [{"country": "XX"}, {"topic": "' OR 1"}, {"in": "zz"}, {"kind": "people"}, {"page": "x"}],
)
def test_what_nobody_knows_is_taken_for_nothing(
    sheets: Tree, client: Client, nonsense: dict[str, str]
) -> None:
    assert found(client, **nonsense).count == 4
