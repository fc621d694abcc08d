"""No word that a reader meets stands in a template or a label outside the catalogues."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

from config.local import messages

WORD = re.compile(r"[A-Za-z]{2,}")
SHOWN = {"alt", "aria-label", "placeholder", "title"}
"""Attributes that a reader meets."""
LABELS = {"heading", "help_text", "label", "message", "verbose_name", "verbose_name_plural"}
"""Keywords whose value an editor or a reader meets."""


def test_a_template_shows_no_word_outside_the_catalogue() -> None:
    found = {
        path.relative_to(messages.ROOT).as_posix(): words
        for path in messages.sources()
        if path.suffix in {".html", ".txt", ".mjml"} and (words := _loose_words(path))
    }

    assert found == {}


def test_a_label_in_the_code_is_marked_for_translation() -> None:
    found = [
        f"{path.relative_to(messages.ROOT)}:{node.lineno} {text}"
        for path in messages.sources()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for text in _loose_labels(node)
    ]

    assert found == []


ATTRIBUTES = re.compile(r'((lang|dir)="[^"]*"\s*)+')
"""What a component adds to a tag that it does not hold itself."""


class _Shown(HTMLParser):
    """Collects what a reader of the page sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent = tag in {"script", "style", "mj-raw", "mj-style"}
        self.words += [value or "" for name, value in attrs if name in SHOWN]

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent and not ATTRIBUTES.fullmatch(data.strip()):
            self.words.append(data)


def _loose_words(path: Path) -> list[str]:
    """Words of a template that stand in no translation tag."""
    loose, within = [], ""
    for token in Lexer(path.read_text()).tokenize():
        verb = token.contents.split(" ")[0] if token.token_type == TokenType.BLOCK else ""
        if within:
            within = "" if verb == f"end{within}" else within
        elif verb in {"blocktranslate", "comment"}:
            within = verb
        elif token.token_type == TokenType.TEXT:
            loose.append(token.contents)
        elif text := re.search(r"""=("[A-Z][^"]* [^"]*"|'[A-Z][^']* [^']*')""", token.contents):
            loose.append(text[1])
    if path.suffix == ".txt":
        return WORD.findall(" ".join(loose))
    shown = _Shown()
    shown.feed("".join(loose))
    return [word for words in shown.words for word in WORD.findall(words)]


def _loose_labels(call: ast.Call) -> list[str]:
    """Plain strings among a call's labels."""
    return [
        keyword.value.value
        for keyword in call.keywords
        if keyword.arg in LABELS
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
        and WORD.search(keyword.value.value)
    ]
