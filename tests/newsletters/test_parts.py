"""The parts of a written mailing: in their order, harmless, legible in both parts of the mail."""

from __future__ import annotations

import datetime as dt

from newsletters.pipeline import parts, render
from newsletters.sources import Button, Divider, Entry, Figure, Picture, Text, Words, Written

NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


def entry(**facts: str) -> Entry:
    text = Text("fr", "Une équipe", "Ce qui a changé.", "http://testserver/fr/s/", NOW, **facts)
    return Entry(key="story:1", kind="story", texts=(text,), interests=frozenset({"all"}))


EVERYTHING = (
    Words("<h2>Bonjour</h2><p>Lisez ceci.</p>", "Bonjour\n\nLisez ceci."),
    entry(),
    Words("<p>Et après.</p>", "Et après."),
    Divider(),
    Figure(Picture("http://testserver/p.jpg", 568, 320, {"fr": "Une cour"}), "La cour, dessinée"),
    Button("S'inscrire & lire", "http://testserver/fr/calls/a/?x=1&y=%41"),
)


def test_parts_stand_in_their_order_in_both_parts_of_the_mail() -> None:
    body = parts.body(EVERYTHING, "fr")

    for part in (body.html, body.text):
        places = [part.index(word) for word in ("Bonjour", "Une équipe", "Et après", "La cour, d")]
        assert places == sorted(places)
        assert "http://testserver/fr/calls/a/?x=1" in part
    assert "* * *" in body.text
    assert "<hr" in body.html
    assert 'alt="Une cour"' in body.html
    assert "Une cour" in body.text


def test_an_entry_is_the_card_that_a_digest_has_for_it() -> None:
    body, story = parts.body(EVERYTHING, "fr"), entry()
    card = render.fragment(entry=story, text=story.texts[0], language="fr")

    assert card.html in body.html
    assert card.text in body.text


def test_a_story_in_another_language_says_so_to_a_voice() -> None:
    card = parts.body([entry(words_in="ar", note="Texte intégral en arabe.")], "fr").html

    assert '<h2 class="h2" lang="ar" dir="rtl"' in card or 'lang="ar" dir="rtl"' in card
    assert "Texte intégral en arabe." in card


def test_what_editors_write_never_becomes_a_token_or_a_script() -> None:
    nasty = "100%recipient.u% {{ params.x }} *|NAME|* [[x]] <script>alert(1)</script>"
    body = parts.body([Words(f"<p>{nasty}</p>", nasty), Button(nasty, "javascript:alert(1)")], "en")

    assert "javascript:" not in body.html + body.text
    for opener in ("%recipient", "{{", "*|", "<script"):
        assert opener not in body.html
    for opener in ("%recipient", "{{", "*|"):
        assert opener not in body.text


def test_every_line_of_an_editor_is_said_and_none_of_a_story() -> None:
    said = Written("fr", "Un sujet", "Une ligne", parts=EVERYTHING).said

    assert {"Un sujet", "Une ligne", "Lisez ceci.", "S'inscrire & lire", "La cour, dessinée"} <= {
        *said
    }
    assert "Une équipe" not in said
