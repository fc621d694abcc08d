"""In: a project and a period. Out: what it came to, in figures that point at nobody.

Everything is counted here and nothing is named: codes and texts by language, so that a report can
be read in any language of the site. None stands for a figure that is hidden.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from alumni.followup.survey import survey
from alumni.models import Answer, Change, Departed, Enrolment, Profile, Project
from newsletters.small_cells import LEAST_PUBLIC, partition, single

Figures = dict[str, Any]
LEAST_FOR_DONOR = 5
"""People behind a count in a report for a named donor under agreement."""
GENDERS = (Profile.Gender.WOMAN, Profile.Gender.MAN)


def figures(project: Project, starts_on: dt.date, ends_on: dt.date) -> Figures:
    """All of a report, as plain values; a dozen queries, whatever the number of people."""
    of_project = _participants(starts_on, ends_on).filter(run__project=project)
    of_programme = _participants(starts_on, ends_on).filter(
        run__project__programme=project.programme_id
    )
    left = Departed.objects.filter(run__project=project, run__ends_on__range=(starts_on, ends_on))
    return {
        "runs": _runs(of_project),
        "trained": _trained(of_project, left),
        "countries": _countries(of_project, left),
        "waves": [_wave(wave.code, of_project, of_programme) for wave in survey().waves],
        "barriers": _barriers(of_project, of_programme),
        "changes": _changes(of_project),
        "indicators": _indicators(project),
    }


def _participants(starts_on: dt.date, ends_on: dt.date) -> QuerySet[Enrolment]:
    return Enrolment.objects.taken_up().filter(
        role=Enrolment.Role.PARTICIPANT, run__ends_on__range=(starts_on, ends_on)
    )


def _runs(people: QuerySet[Enrolment]) -> list[Figures]:
    runs = {one.run_id: one.run for one in people.select_related("run__course").order_by("run_id")}
    in_time = sorted(runs.values(), key=lambda run: (run.ends_on, run.slug))
    return [
        {
            "titles": dict(run.course.title),
            "starts_on": run.starts_on.isoformat(),
            "ends_on": run.ends_on.isoformat(),
        }
        for run in in_time
    ]


def _trained(enrolments: QuerySet[Enrolment], left: QuerySet[Departed]) -> Figures:
    """Those who are here and those who have left for good: they were trained all the same."""
    people = Profile.objects.filter(enrolments__in=enrolments)
    gone = left.filter(trait=Departed.Trait.GENDER)
    total = people.distinct().count() + _sum(gone)
    if 0 < total < LEAST_FOR_DONOR:
        return {"people": None, "women": None, "men": None, "completed": None}
    by_gender = Counter(dict(people.values_list("gender").annotate(Count("pk", distinct=True))))
    by_gender.update(dict(gone.values_list("value").annotate(Sum("count"))))
    cells = {gender.value: by_gender[gender.value] for gender in GENDERS}
    cells["unsaid"] = total - sum(cells.values())
    shown = partition(cells, LEAST_FOR_DONOR)
    completed = enrolments.filter(completion=Enrolment.Completion.COMPLETED)
    finished = Profile.objects.filter(enrolments__in=completed).distinct().count()
    finished += _sum(gone.filter(completion=Enrolment.Completion.COMPLETED))
    return {
        "people": total,
        "women": shown[Profile.Gender.WOMAN.value],
        "men": shown[Profile.Gender.MAN.value],
        "completed": single(finished, LEAST_FOR_DONOR, of=total),
    }


def _sum(counts: QuerySet[Departed]) -> int:
    return int(counts.aggregate(all=Sum("count"))["all"] or 0)


def _countries(enrolments: QuerySet[Enrolment], left: QuerySet[Departed]) -> list[str]:
    """Where they worked then: a list, never with counts."""
    if enrolments.count() < LEAST_FOR_DONOR:
        return []
    codes = set(enrolments.values_list("country", flat=True))
    codes |= set(enrolments.filter(country="").values_list("profile__country", flat=True))
    codes |= set(left.filter(trait=Departed.Trait.COUNTRY).values_list("value", flat=True))
    return sorted(codes - {""})


def _wave(code: str, of_project: QuerySet[Enrolment], of_programme: QuerySet[Enrolment]) -> Figures:
    """Answers of the smallest circle that has enough of them, which is named."""
    for level, people, least in (
        ("project", of_project, LEAST_FOR_DONOR),
        ("programme", of_programme, LEAST_PUBLIC),
    ):
        answers = Answer.objects.filter(enrolment__in=people, wave=code)
        found = answers.values_list("enrolment__run__project", "first")
        said, rest = _said([(project, [first]) for project, first in found])
        if len(said) < least or 0 < len(rest) < LEAST_FOR_DONOR:
            continue
        codes = [answer.code for answer in survey().questions[0].answers]
        cells, left = (
            partition({one: one_by_one.count([one]) for one in codes}, LEAST_FOR_DONOR)
            for one_by_one in (said, rest)
        )
        return {
            "code": code,
            "level": level,
            "asked": _asked(people, code).count(),
            "answered": len(said),
            "first": {one: None if left[one] is None else cells[one] for one in codes},
        }
    return {"code": code, "level": "", "asked": None, "answered": None, "first": {}}


def _said(found: Iterable[tuple[int, list[str]]]) -> tuple[list[list[str]], list[list[str]]]:
    """What each ticked, and of these what is left without the projects that stand by themselves.

    Those have reports of their own: whoever has them, too, subtracts them from a programme's sum,
    and must not find the handful of another project, nor one of its answers, in what is left.
    """
    by_project: dict[int, list[list[str]]] = defaultdict(list)
    for project, ticked in found:
        by_project[project].append(ticked)
    few = [said for said in by_project.values() if len(said) < LEAST_FOR_DONOR]
    return list(chain(*by_project.values())), list(chain(*few))


def _asked(people: QuerySet[Enrolment], code: str) -> QuerySet[Enrolment]:
    """Those whose wave has fallen due and who may be asked, with those who answered before."""
    wave = survey().wave(code)
    due_by = timezone.localdate() - dt.timedelta(weeks=wave.weeks if wave else 0)
    answered = Answer.objects.filter(enrolment=OuterRef("pk"), wave=code)
    return people.filter(
        Q(run__ends_on__lte=due_by, profile__answers_questions=True) | Exists(answered)
    )


def _barriers(of_project: QuerySet[Enrolment], of_programme: QuerySet[Enrolment]) -> Figures:
    """What stands in the way, in the newest answer of each person's place in a course."""
    about = survey().barriers
    question = survey().question(about)
    for level, people, least in (
        ("project", of_project, LEAST_FOR_DONOR),
        ("programme", of_programme, LEAST_PUBLIC),
    ):
        answers = Answer.objects.filter(enrolment__in=people)
        newest = answers.order_by("enrolment_id", "-answered_at").distinct("enrolment_id")
        found = newest.values_list("enrolment__run__project", "others")
        said, rest = _said([(project, row[about]) for project, row in found if row.get(about)])
        if question is None or len(said) < least or 0 < len(rest) < LEAST_FOR_DONOR:
            continue
        counts, left = Counter(chain(*said)), Counter(chain(*rest))
        shown = {
            one.code: None
            if single(left[one.code], LEAST_FOR_DONOR) is None
            else single(counts[one.code], LEAST_FOR_DONOR)
            for one in question.answers
        }
        return {"level": level, "people": len(said), "counts": shown}
    return {"level": "", "people": None, "counts": {}}


def _changes(enrolments: QuerySet[Enrolment]) -> list[str]:
    """The keys alone: whether a change may still be told is asked whenever it is read."""
    released = Change.objects.exclude(use=Change.Use.NOBODY).filter(enrolment__in=enrolments)
    return list(released.order_by("created_at").values_list("key", flat=True))


def _indicators(project: Project) -> list[Figures]:
    def number(value: Any) -> str:
        return "" if value is None else f"{value.normalize():f}"

    return [
        {
            "titles": dict(one.title),
            "units": dict(one.unit),
            "baseline": number(one.baseline),
            "target": number(one.target),
            "value": number(one.value),
            "as_at": one.as_at.isoformat() if one.as_at else "",
        }
        for one in project.indicators.all()
    ]
