"""A folder of YAML in, a frozen `Pack` out; a mistake is named by file and key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

import yaml

from packs import model

HOME = Path(__file__).resolve().parent


class BrokenPack(Exception):
    """The pack cannot be used; the message names file and key and what stands there."""


def load(code: str) -> model.Pack:
    """The pack in `packs/<code>/`; raises BrokenPack with the place of the first mistake."""
    return load_folder(HOME / code)


def load_folder(folder: Path) -> model.Pack:
    """The pack in any folder that has the five files."""
    if not folder.is_dir():
        known = sorted(path.parent.name for path in HOME.glob("*/centre.yaml"))
        raise BrokenPack(f"There is no pack {folder.name!r}. PACK can be: {', '.join(known)}.")
    values: dict[str, Any] = {"code": folder.name, "folder": folder}
    for name, keys in FILES.items():
        values |= _sections(folder / f"{name}.yaml", keys)
    pack = model.Pack(**values)
    _check_whole(pack)
    return pack


def read_yaml(path: Path) -> Any:
    """What the file says; raises BrokenPack with the line when it is no YAML."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BrokenPack(f"{path}: this file is missing.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BrokenPack(f"{path}: this is no readable YAML: {error}") from error


FILES: dict[str, dict[str, Any]] = {
    "centre": {
        "network_name": model.Words,
        "centre_name": model.Words,
        "tagline": model.Words,
        "disclaimer": model.Words,
        "postal_address": str,
        "contact": str,
        "clock": str,
        "languages": tuple[str, ...],
    },
    "countries": {"regions": tuple[model.Region, ...]},
    "topics": {"topics": tuple[model.Topic, ...]},
    "people": {
        "institution_types": tuple[model.Choice, ...],
        "roles": tuple[model.Role, ...],
    },
    "newsletters": {"newsletters": tuple[model.NewsletterPlan, ...]},
    "training": {"training": model.Training},
}
"""The files of a pack and what each key in them must be."""


def _sections(path: Path, keys: dict[str, Any]) -> dict[str, Any]:
    found = read_yaml(path)
    if not isinstance(found, dict):
        raise BrokenPack(f"{path}: expected the keys {', '.join(keys)}.")
    _refuse_unknown(found, keys, str(path))
    return {key: _value(found.get(key, MISSING), kind, f"{path}: {key}") for key, kind in keys.items()}


def _value(found: Any, kind: Any, place: str) -> Any:
    """`found` as a value of the annotated type; every message begins with the place."""
    if found is MISSING:
        raise BrokenPack(f"{place}: this key is missing.")
    origin, inner = get_origin(kind), get_args(kind)
    if kind == model.Words:
        return _words(found, place)
    if origin is tuple:
        if not isinstance(found, list):
            raise BrokenPack(f"{place}: expected a list, found {found!r}.")
        return tuple(_value(item, inner[0], f"{place}[{n}]") for n, item in enumerate(found))
    if origin in (Union, UnionType):
        return None if found is None else _value(found, inner[0], place)
    if origin is Literal:
        if found not in inner:
            raise BrokenPack(f"{place}: {found!r} is none of {', '.join(map(str, inner))}.")
        return found
    if kind in (str, int, dt.date):
        # YAML reads the code of Norway, `NO`, as False, and `on` as True: quote such words.
        if type(found) is not kind or found == "":
            raise BrokenPack(f"{place}: expected {kind.__name__}, found {found!r}.")
        return found.strip() if isinstance(found, str) else found
    return _record(found, kind, place)


def _record(found: Any, kind: Callable[..., Any], place: str) -> Any:
    if not isinstance(found, dict):
        raise BrokenPack(f"{place}: expected keys and values, found {found!r}.")
    hints = get_type_hints(kind)
    place = f"{place} ({found['code']})" if "code" in found else place
    _refuse_unknown(found, hints, place)
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in found and field.default is not MISSING:
            continue
        item = found.get(field.name, MISSING)
        values[field.name] = _value(item, hints[field.name], f"{place}.{field.name}")
    return kind(**values)


def _words(found: Any, place: str) -> model.Words:
    if not isinstance(found, dict) or not found.get("en"):
        raise BrokenPack(f"{place}: expected a text for each language, English (en) among them.")
    for language, text in found.items():
        if not isinstance(text, str) or not text.strip():
            raise BrokenPack(f"{place}.{language}: expected a text, found {text!r}.")
    return {language: text.strip() for language, text in found.items()}


def _refuse_unknown(found: dict[str, Any], known: Iterable[str], place: str) -> None:
    unknown = sorted(set(map(str, found)) - set(known))
    if unknown:
        raise BrokenPack(f"{place}: unknown key {unknown[0]!r}; known: {', '.join(known)}.")


def _check_whole(pack: model.Pack) -> None:
    """What no single value can tell: doubles, and names that point to nothing."""
    at = pack.folder
    training = pack.training
    if pack.clock not in available_timezones():
        raise BrokenPack(f"{at}/centre.yaml: clock: {pack.clock!r} is no time zone.")
    for place, codes in (
        ("countries.yaml: regions", [region.code for region in pack.regions]),
        ("countries.yaml: countries", list(pack.countries)),
        ("topics.yaml: topics", [topic.code for topic in pack.topics]),
        ("people.yaml: institution_types", [choice.code for choice in pack.institution_types]),
        ("people.yaml: roles", [role.code for role in pack.roles]),
        ("newsletters.yaml: newsletters", [plan.slug for plan in pack.newsletters]),
        ("newsletters.yaml: list_id", [plan.list_id for plan in pack.newsletters]),
        ("training.yaml: programmes", [item.slug for item in training.programmes]),
        ("training.yaml: projects", [item.slug for item in training.projects]),
        ("training.yaml: courses", [item.slug for item in training.courses]),
        ("training.yaml: runs", [item.slug for item in training.runs]),
    ):
        doubles = sorted({code for code in codes if codes.count(code) > 1})
        if doubles:
            raise BrokenPack(f"{at}/{place}: {doubles[0]!r} stands there twice.")
    programmes = {item.slug for item in training.programmes}
    for place, points_to, known in (
        ("topics.yaml: parent", {t.parent for t in pack.topics}, {t.code for t in pack.topics}),
        ("training.yaml: projects.programme", {p.programme for p in training.projects}, programmes),
        ("training.yaml: courses.programme", {c.programme for c in training.courses}, programmes),
        (
            "training.yaml: runs.course",
            {run.course for run in training.runs},
            {item.slug for item in training.courses},
        ),
        (
            "training.yaml: runs.project",
            {run.project for run in training.runs},
            {item.slug for item in training.projects},
        ),
    ):
        lost = sorted(points_to - known - {None})
        if lost:
            raise BrokenPack(f"{at}/{place}: {lost[0]!r} is not in the list it points to.")
