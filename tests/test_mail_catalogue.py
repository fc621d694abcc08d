"""A mail in French, Arabic or Portuguese has no English sentence left in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
KEYWORDS = {"gettext": None, "_": None, "ngettext": (1, 2)}
FOLDERS = ["templates/emails", "templates/account/email", "templates/mfa/email"]


def sentences() -> Iterator[str | tuple[str, ...]]:
    """Every translatable sentence of a mail."""
    sources = [(ROOT / "newsletters/pipeline/render.py").read_bytes()]
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.*"):
            sources.append(templatize(path.read_text(), origin=str(path)).encode())
    for source in sources:
        for _, sentence, _, _ in extract("python", io.BytesIO(source), keywords=KEYWORDS):
            yield sentence


@pytest.mark.parametrize("language", ["ar", "fr", "pt"])
def test_every_sentence_of_a_mail_is_translated(language: str) -> None:
    path = ROOT / f"newsletters/locale/{language}/LC_MESSAGES/django.po"
    with path.open("rb") as file:
        catalogue = read_po(file)

    lacking = []
    for sentence in set(sentences()):
        found: Message | None = catalogue.get(sentence)
        strings = found.string if found else ""
        if not all(strings if isinstance(strings, tuple) else [strings]):
            lacking.append(sentence)

    assert lacking == []


@pytest.mark.parametrize("language", ["ar", "fr", "pt"])
def test_translations_keep_the_values_of_a_sentence(language: str) -> None:
    path = ROOT / f"newsletters/locale/{language}/LC_MESSAGES/django.po"
    with path.open("rb") as file:
        faults = [error for message in read_po(file) for error in message.check()]

    assert faults == []
