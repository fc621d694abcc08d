"""Sentences are found in code and templates, and a catalogue follows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.local import messages

TEMPLATE = """\
{% load i18n %}
    <h1>{% translate "Who may find me" %}</h1>
  {# Translators: on a button #}
  {% translate "May" context "permission" %}
{% blocktranslate trimmed with name=person %}
    Welcome,
    {{ name }}
{% endblocktranslate %}
{% blocktranslate count n=stories %}{{ n }} story{% plural %}{{ n }} stories{% endblocktranslate %}
{% include "field.html" with label=_("It's yours") %}
"""
CODE = """\
from django.utils.translation import gettext as _, ngettext_lazy

hint = _("One sentence "
         "on two lines.")
count = ngettext_lazy("%(n)d reader", "%(n)d readers")
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree with a template and a module."""
    for name, text in {"templates/page.html": TEMPLATE, "cms/texts.py": CODE}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "TEMPLATES", (tmp_path / "templates",))
    return tmp_path


def test_sentences_are_found_in_templates_and_code(tree: Path) -> None:
    found = {(message.id, message.context) for message in messages.sentences() if message.id}

    assert found == {
        ("Who may find me", None),
        ("May", "permission"),
        ("Welcome, %(name)s", None),
        (("%(n)s story", "%(n)s stories"), None),
        ("It's yours", None),
        ("One sentence on two lines.", None),
        (("%(n)d reader", "%(n)d readers"), None),
    }


def test_catalogue_keeps_what_stays_and_drops_what_went(tree: Path) -> None:
    catalog = messages.extract("ar")
    catalog.get("Who may find me").string = "من يمكنه العثور عليّ"
    catalog.add("Gone", "ذهبت")
    messages.write(catalog)

    messages.write(messages.extract("ar"))

    kept = messages.catalogue("ar")
    assert kept.get("Who may find me").string == "من يمكنه العثور عليّ"
    assert kept.get("Gone") is None
    assert messages.forms(kept.get("%(n)s story")) == ("",) * 6


def test_extracting_twice_changes_nothing(tree: Path) -> None:
    messages.write(messages.extract("fr"))
    once = messages.path_of("fr").read_text()

    messages.write(messages.extract("fr"))

    assert messages.path_of("fr").read_text() == once


def test_a_newer_catalogue_is_compiled_and_an_older_one_left_alone(tree: Path) -> None:
    for language in (*messages.LANGUAGES, *messages.OF_THE_PUBLIC):
        messages.write(messages.extract(language))
    compiled = messages.path_of("pt").with_suffix(".mo")

    messages.compile_stale()
    first = compiled.stat().st_mtime_ns
    messages.compile_stale()

    assert compiled.stat().st_mtime_ns == first
    assert sorted(path.name for path in compiled.parent.iterdir()) == ["django.mo", "django.po"]


def test_a_catalogue_of_the_public_leaves_the_editing_side_out(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "PUBLIC", ("templates/",))
    (tree / "templates/admin").mkdir()
    (tree / "templates/admin/desk.html").write_text('{% translate "Send what is due" %}')

    public = {message.id for message in messages.wanted("es")}
    everything = {message.id for message in messages.wanted("pt")}

    assert everything - public == {
        "Send what is due",
        "One sentence on two lines.",
        ("%(n)d reader", "%(n)d readers"),
    }
