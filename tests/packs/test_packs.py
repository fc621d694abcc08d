"""A pack is read whole or refused with the place of the mistake."""

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

import packs
from packs.reading import HOME, load_folder

PACK = packs.load("cairo")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the first pack, to break."""
    copy = tmp_path / "copy"
    shutil.copytree(HOME / "cairo", copy)
    return copy


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_pack_lists_each_country_once_and_every_one_has_a_name_in_every_language() -> None:
    assert len(PACK.countries) == len(set(PACK.countries)) == 55
    assert len(PACK.regions) == 5
    unnamed = [
        (code, language)
        for code in PACK.countries
        for language in PACK.languages
        if packs.country_name(code, language) == code
    ]

    assert unnamed == []


@pytest.mark.parametrize("code", ["bridgetown", "cairo"])
def test_every_text_stands_in_every_language_of_the_site(code: str) -> None:
    pack = packs.load(code)

    def words(thing: object) -> list[dict[str, str]]:
        if isinstance(thing, dict):
            return [thing] if thing else []
        if isinstance(thing, tuple):
            return [found for item in thing for found in words(item)]
        if hasattr(thing, "__dataclass_fields__"):
            return [
                found for name in thing.__dataclass_fields__ for found in words(vars(thing)[name])
            ]
        return []

    short = [text for text in words(pack) if set(text) != set(pack.languages)]

    assert len(words(pack)) > 50
    assert short == []


@pytest.mark.parametrize("code", sorted(path.parent.name for path in HOME.glob("*/centre.yaml")))
def test_every_pack_is_read_whole_with_its_demonstration(code: str) -> None:
    pack = packs.load(code)
    demo = pack.demonstration(dt.date(2026, 9, 8))

    assert demo is not None
    assert {plan.country for plan in demo.countries} <= set(pack.countries)
    roles = {person.role for person in demo.people} - {role.code for role in pack.roles}
    runs = {run.slug for run in (*pack.training.runs, *demo.training.runs)}
    assert (roles, {person.run for person in demo.people} - runs) == (set(), set())
    texts = [text for plan in demo.stories.values() for text in (plan.texts, plan.short)]
    assert {language for words in texts for language in words} <= set(pack.languages)
    assert {person.address.rpartition("@")[2] for person in demo.people} == {"example.org"}


def test_a_project_may_have_no_donor_and_a_survey_no_benchmark() -> None:
    second = packs.load("bridgetown")

    (project,) = second.training.projects
    assert (project.donor, project.acknowledgement) == ({}, {})
    assert second.followup.benchmark is None
    assert second.followup.barriers != PACK.followup.barriers


def test_a_missing_language_falls_back_to_english() -> None:
    assert PACK.name_of({"en": "Topic", "fr": "Thème"}, "fr") == "Thème"
    assert PACK.name_of({"en": "Topic", "fr": "Thème"}, "ar") == "Topic"


def test_roles_and_regions_are_found_by_code() -> None:
    role, region = PACK.role("undercover"), PACK.region_of("KE")

    assert role is not None
    assert role.tier == "protected"
    assert region is not None
    assert region.code == "eastern"
    assert PACK.role("juggler") is None
    assert PACK.region_of("NO") is None


def test_country_and_language_names_come_in_the_language_asked_for() -> None:
    assert packs.country_name("KE", "ar") == "كينيا"
    assert packs.country_name("KE", "xx") == "Kenya"
    assert packs.language_name("pt", "fr") == "portugais"


def test_an_unknown_pack_is_refused_with_those_that_exist() -> None:
    with pytest.raises(packs.BrokenPack, match=r"no pack 'lisbon'.*cairo"):
        packs.load("lisbon")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("centre", "clock: Africa/Cairo", "", r"centre\.yaml: clock: this key is missing"),
        ("centre", "clock: Africa/Cairo", "clock: Nile", r"clock: 'Nile' is no time"),
        ("centre", "clock:", "colour: red\nclock:", r"centre\.yaml: unknown key 'colour'"),
        (
            "centre",
            "  en: Sycamore Network",
            "  de: Netz",
            r"network_name: expected a text",
        ),
        (
            "centre",
            "languages: [en,",
            "languages: [en, {",
            r"is no readable YAML",
        ),
        ("countries", '"NA"', "no", r"regions\[4\] \(southern\)\.countries\[6\]: expected str"),
        ("countries", "[DZ, ", "[KE, ", r"countries\.yaml: countries: 'KE' stands there twice"),
        ("topics", "parent: prevention", "parent: preventoin", r"'preventoin' is not in the list"),
        ("people", "tier: network", "tier: everyone", r"roles\[7\].*tier: 'everyone' is none of"),
        ("newsletters", "hour: 9", "hour: nine", r"newsletters\[0\].*\.hour: expected int, found"),
        ("training", "course: traff", "course: graff", r"training\.yaml: runs\.course: 'graff"),
        ("followup", "barriers: barr", "barriers: carr", r"barriers: 'carriers' is no question"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(
    folder: Path, name: str, old: str, new: str, message: str
) -> None:
    change(folder / f"{name}.yaml", old, new)

    with pytest.raises(packs.BrokenPack, match=message):
        load_folder(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "topics.yaml").unlink()

    with pytest.raises(packs.BrokenPack, match=r"topics\.yaml: this file is missing"):
        load_folder(folder)


def test_protected_readers_get_a_plain_name_that_gives_nothing_away() -> None:
    told = re.compile(r"traffick|smuggl|network|sycamore|countr|traite|pays|اتجار|بلد", re.I)

    telling = [n for plan in PACK.newsletters for n in plan.plain_names.values() if told.search(n)]

    assert telling == []
