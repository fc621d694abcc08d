"""A YAML file and a type in, a value of that type out; a mistake is named by file and key.

A type is a dataclass, `Words`, str, int, bool, date, a Literal, or a tuple, dict or Optional of
those; `Any` is taken as it stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml

Words = dict[str, str]
"""A text by language code; English is always among them."""


class BrokenPack(Exception):
    """The pack cannot be used; the message names file and key and what stands there."""


def read(path: Path, kind: Any) -> Any:
    """The file as a value of the annotated type: a dataclass, a tuple or a dict of such."""
    return value(read_yaml(path), kind, str(path))


def read_yaml(path: Path) -> Any:
    """What the file says, unchecked."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BrokenPack(f"{path}: this file is missing.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BrokenPack(f"{path}: this is no readable YAML: {error}") from error


def value(found: Any, kind: Any, place: str) -> Any:
    """`found` as a value of the annotated type; every message begins with the place."""
    if found is MISSING:
        raise BrokenPack(f"{place}: this key is missing.")
    origin, inner = get_origin(kind), get_args(kind)
    if kind == Words:
        return _words(found, place)
    if origin is tuple:
        if not isinstance(found, list):
            raise BrokenPack(f"{place}: expected a list, found {found!r}.")
        return tuple(value(item, inner[0], f"{place}[{n}]") for n, item in enumerate(found))
    if origin is dict:
        if not isinstance(found, dict):
            raise BrokenPack(f"{place}: expected keys and values, found {found!r}.")
        return {key: value(item, inner[1], f"{place}.{key}") for key, item in found.items()}
    if kind is Any:
        return found
    if origin in (Union, UnionType):
        return None if found is None else value(found, inner[0], place)
    if origin is Literal:
        if found not in inner:
            raise BrokenPack(f"{place}: {found!r} is none of {', '.join(map(str, inner))}.")
        return found
    if kind in (str, int, bool, dt.date):
        # YAML reads the code of Norway, `NO`, as False, and `on` as True: quote such words.
        if type(found) is not kind or found == "":
            raise BrokenPack(f"{place}: expected {kind.__name__}, found {found!r}.")
        return found.strip() if isinstance(found, str) else found
    return _record(found, kind, place)


def _record(found: Any, kind: Callable[..., Any], place: str) -> Any:
    if not isinstance(found, dict):
        raise BrokenPack(f"{place}: expected keys and values, found {found!r}.")
    hints = get_type_hints(kind)
    name = found.get("code") or found.get("slug")
    place = f"{place} ({name})" if name else place
    refuse_unknown(found, hints, place)
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        may_lack = field.default is not MISSING or field.default_factory is not MISSING
        if field.name not in found and may_lack:
            continue
        item = found.get(field.name, MISSING)
        values[field.name] = value(item, hints[field.name], f"{place}.{field.name}")
    return kind(**values)


def _words(found: Any, place: str) -> Words:
    if not isinstance(found, dict) or not found.get("en"):
        raise BrokenPack(f"{place}: expected a text for each language, English (en) among them.")
    for language, text in found.items():
        if not isinstance(text, str) or not text.strip():
            raise BrokenPack(f"{place}.{language}: expected a text, found {text!r}.")
    return {language: text.strip() for language, text in found.items()}


def refuse_unknown(found: dict[str, Any], known: Iterable[str], place: str) -> None:
    """A key that nobody reads is a mistyped one."""
    unknown = sorted(set(map(str, found)) - set(known))
    if unknown:
        raise BrokenPack(f"{place}: unknown key {unknown[0]!r}; known: {', '.join(known)}.")
