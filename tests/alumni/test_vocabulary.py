"""The pack's words as people look for them in a list."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from alumni import vocabulary
from cms import places


def test_names_are_sorted_as_their_readers_do() -> None:
    """By bytes, as the embedded server sorts, É comes after Z."""
    with override("fr"):
        names = [name for _code, name in vocabulary.countries()]
        languages = [name for _code, name in vocabulary.spoken_languages()]

    assert names.index("Djibouti") < names.index("Égypte") < names.index("Érythrée")
    assert names.index("Érythrée") < names.index("Eswatini") < names.index("Éthiopie")
    assert names.index("Éthiopie") < names.index("Gabon")
    assert names[-1].startswith("Z")
    assert languages.index("estonien") < languages.index("éwé") < languages.index("zoulou")


@pytest.mark.parametrize("language", ["fr", "pt"])
def test_countries_of_a_region_are_sorted_as_their_readers_do(language: str) -> None:
    for _region, countries in places.countries_by_region(language):
        names = [name for _code, name in countries]
        assert names == sorted(names, key=vocabulary.sort_key)
