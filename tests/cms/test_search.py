"""Nobody has to type accents: words are found without them, in each language of the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page
from wagtail.search.index import insert_or_update_object

from tests.factories.cms import StoryFactory, Tree, translated

WORDS = [
    ("en", "The café of Zoë N’Diaye", ["cafe", "zoe", "n'diaye", "CAFÉ"]),
    ("fr", "Procès à Thiès : l’été des élèves", ["proces thies", "ete", "eleves", "l'été"]),
    ("pt", "Formação de Inês em Macuácua", ["formacao", "ines", "MACUACUA", "formação"]),
    ("ar", "إحالة الضحايا إلى المحكمة", ["احالة", "إحاله", "المحكمه", "الضحايا الي"]),
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
    return [story.title for story in found.stories]


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
