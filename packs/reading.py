"""A folder of YAML in, a frozen `Pack` out; a mistake is named by file and key."""

from __future__ import annotations

from dataclasses import MISSING
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from packs import followup, model, training
from packs.values import BrokenPack, Words, read_yaml, refuse_unknown, value

HOME = Path(__file__).resolve().parent


def load(code: str) -> model.Pack:
    """The pack in `packs/<code>/`; raises BrokenPack with the place of the first mistake."""
    return load_folder(HOME / code)


def load_folder(folder: Path) -> model.Pack:
    """The pack in any folder that has these files."""
    if not folder.is_dir():
        known = sorted(path.parent.name for path in HOME.glob("*/centre.yaml"))
        raise BrokenPack(f"There is no pack {folder.name!r}. PACK can be: {', '.join(known)}.")
    values: dict[str, Any] = {"code": folder.name, "folder": folder}
    for name, keys in FILES.items():
        if name in MAY_LACK and not (folder / f"{name}.yaml").exists():
            continue
        values |= _sections(folder / f"{name}.yaml", keys)
    pack = model.Pack(**values)
    _check_whole(pack)
    return pack


FILES: dict[str, dict[str, Any]] = {
    "centre": {
        "network_name": Words,
        "centre_name": Words,
        "tagline": Words,
        "disclaimer": Words,
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
    "training": {"training": training.Training},
    "followup": {"followup": followup.FollowUp},
    "pages": {"pages": model.Pages},
    "map": {"map": model.MapPlan},
    "notices": {"notices": model.Notices},
    "facts": {"fact_kinds": tuple[model.Choice, ...]},
    "retention": {"retention": tuple[model.Shorter, ...]},
}
"""The files of a pack and what each key in them must be."""
MAY_LACK = {"map", "notices", "facts", "retention"}


def _sections(path: Path, keys: dict[str, Any]) -> dict[str, Any]:
    found = read_yaml(path)
    if not isinstance(found, dict):
        raise BrokenPack(f"{path}: expected the keys {', '.join(keys)}.")
    refuse_unknown(found, keys, str(path))
    return {
        key: value(found.get(key, MISSING), kind, f"{path}: {key}") for key, kind in keys.items()
    }


def _check_whole(pack: model.Pack) -> None:
    """What no single value can tell: doubles, and names that point to nothing."""
    at = pack.folder
    taught = pack.training
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
        ("followup.yaml: waves", [wave.code for wave in pack.followup.waves]),
        ("followup.yaml: questions", [one.code for one in pack.followup.questions]),
        ("training.yaml: programmes", [item.slug for item in taught.programmes]),
        ("training.yaml: projects", [item.slug for item in taught.projects]),
        ("training.yaml: courses", [item.slug for item in taught.courses]),
        ("training.yaml: runs", [item.slug for item in taught.runs]),
        ("facts.yaml: fact_kinds", [kind.code for kind in pack.fact_kinds]),
        ("retention.yaml: retention", [item.model for item in pack.retention]),
    ):
        doubles = sorted({code for code in codes if codes.count(code) > 1})
        if doubles:
            raise BrokenPack(f"{at}/{place}: {doubles[0]!r} stands there twice.")
    _check_followup(pack)
    for place, named in (
        ("joined", [one.country for one in pack.map.joined]),
        ("disputed", pack.map.disputed),
    ):
        lost = sorted(set(named) - set(pack.countries))
        if lost:
            raise BrokenPack(f"{at}/map.yaml: {place}: {lost[0]!r} is no country of the pack.")
    programmes = {item.slug for item in taught.programmes}
    for place, points_to, known in (
        ("topics.yaml: parent", {t.parent for t in pack.topics}, {t.code for t in pack.topics}),
        ("training.yaml: projects.programme", {p.programme for p in taught.projects}, programmes),
        ("training.yaml: courses.programme", {c.programme for c in taught.courses}, programmes),
        (
            "training.yaml: runs.course",
            {run.course for run in taught.runs},
            {item.slug for item in taught.courses},
        ),
        (
            "training.yaml: runs.project",
            {run.project for run in taught.runs},
            {item.slug for item in taught.projects},
        ),
    ):
        lost = sorted(name for name in points_to if name and name not in known)
        if lost:
            raise BrokenPack(f"{at}/{place}: {lost[0]!r} is not in the list it points to.")


MOST_QUESTIONS = 8


def _check_followup(pack: model.Pack) -> None:
    at, survey = f"{pack.folder}/followup.yaml", pack.followup
    if not survey.questions or survey.questions[0].kind != "one":
        raise BrokenPack(f"{at}: the first question must be of kind one: the mail asks it.")
    if len(survey.questions) > MOST_QUESTIONS:
        raise BrokenPack(f"{at}: at most {MOST_QUESTIONS} questions; people answer on a phone.")
    written = {plan.slug for plan in pack.newsletters if plan.kind == "written"}
    if survey.newsletter not in written:
        raise BrokenPack(f"{at}: newsletter: {survey.newsletter!r} is no written newsletter.")
    if survey.barriers and not getattr(survey.question(survey.barriers), "answers", ()):
        raise BrokenPack(f"{at}: barriers: {survey.barriers!r} is no question with answers.")
    first = {answer.code for answer in survey.questions[0].answers}
    for question in survey.questions:
        if bool(question.answers) != (question.kind in {"one", "many"}):
            raise BrokenPack(f"{at}: {question.code}: answers go with the kinds one and many.")
        codes = [answer.code for answer in question.answers]
        lost = sorted({*question.after, survey.applied} - first)
        if len(set(codes)) < len(codes) or lost:
            wrong = lost[0] if lost else "an answer that stands there twice"
            raise BrokenPack(
                f"{at}: {question.code}: {wrong!r} is no answer to the first question."
            )
