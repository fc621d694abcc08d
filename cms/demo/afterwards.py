"""What the pack's invented people did after their course, as rows; what stands is left alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone

from alumni.followup import answers
from alumni.models import (
    Access,
    ActionPlan,
    Answer,
    Certificate,
    Change,
    Conversation,
    Enrolment,
    Indicator,
    Message,
    PlanStep,
    Profile,
    Project,
    User,
)
from alumni.privacy.access import name_of
from alumni.relay.contact import language_of

if TYPE_CHECKING:
    from packs.afterwards import Exchange, Look, Paper, Plan, Round, Target, Told


def answer(plan: Round) -> int:
    """A course's answers in one wave, each by the member's own verb and dated back; how many."""
    if Answer.objects.filter(enrolment__run__slug=plan.run, wave=plan.wave).exists():
        return 0
    people = Profile.objects.select_related("subscriber")
    for given in plan.given:
        asked = answers.place(people.filter(address=given.by), run=plan.run, wave=plan.wave)
        if asked is None:
            raise LookupError(f"{given.by} has no place in {plan.run}.")
        saved = answers.answer(
            asked=asked,
            first=given.first,
            others=given.others,
            language=language_of(asked.enrolment.profile),
            how=Answer.How(given.how),
            by=None,
        )
        days = asked.wave.weeks * 7 + given.after_days
        when = _noon(asked.enrolment.run.ends_on + dt.timedelta(days=days))
        Answer.objects.filter(pk=saved.pk).update(answered_at=when, changed_at=when)
    return len(plan.given)


def plan(plan: Plan) -> bool:
    """An action plan with its steps; False when there is one."""
    enrolment = _place(plan.by, plan.run)
    if ActionPlan.objects.filter(enrolment=enrolment).exists():
        return False
    steps = [
        PlanStep(text=step.text, due_on=_day(step.due_in_days), is_done=step.is_done)
        for step in plan.steps
    ]
    values = {"goal": plan.goal, "rating": plan.rating, "blocker": plan.blocker}
    answers.plan(enrolment=enrolment, values=values, steps=steps)
    return True


def change(plan: Told) -> bool:
    """Something that is different at work; False when its author has told of one already."""
    enrolment = _place(plan.by, plan.run)
    if enrolment.profile.changes.exists():
        return False
    told = answers.tell(
        profile=enrolment.profile,
        values={
            "enrolment": enrolment,
            "kind": plan.kind,
            "text": plan.text,
            "where": plan.where,
            "evidence": plan.evidence,
            "use": plan.use,
            "happened_on": _day(-plan.days_ago),
        },
    )
    when = _noon(_day(-plan.days_ago))
    Change.objects.filter(pk=told.pk).update(created_at=when, changed_at=when)
    return True


def indicators(plans: Iterable[Target]) -> int:
    """What a project promised, in the order written; none where it has some."""
    wanted = [target for target in plans if not _project(target).indicators.exists()]
    Indicator.objects.bulk_create(
        Indicator(
            project=_project(target),
            title=target.titles,
            unit=target.units,
            baseline=target.baseline,
            target=target.target,
            value=target.value,
            as_at=_day(-target.as_at_days_ago),
            order=order,
        )
        for order, target in enumerate(wanted)
    )
    return len(wanted)


def certificate(plan: Paper) -> bool:
    """A certificate of a course, issued on its last day; False when there is one."""
    enrolment = _place(plan.by, plan.run)
    gone = plan.revoked_days_ago
    _paper, made = Certificate.objects.get_or_create(
        enrolment=enrolment,
        defaults={
            "number": plan.number,
            "issued_on": enrolment.run.ends_on,
            "revoked_on": None if gone is None else _day(-gone),
            "revoked_why": plan.why,
        },
    )
    return made


def conversation(plan: Exchange) -> bool:
    """What two members wrote; announced to nobody. False when the two have one."""
    two = {address: Profile.objects.get(address=address) for address in (plan.asker, plan.asked)}
    times = [_noon(_day(-line.days_ago)) for line in plan.messages]
    accepted = plan.state == Conversation.State.ACCEPTED
    talk, made = Conversation.objects.get_or_create(
        asker=two[plan.asker],
        asked=two[plan.asked],
        defaults={
            "state": plan.state,
            "began_at": times[0],
            "answered_at": times[1] if accepted else None,
        },
    )
    if made:
        Message.objects.bulk_create(
            Message(
                conversation=talk,
                author=two[line.by],
                text=line.text,
                written_at=time,
                read_at=time if accepted else None,
            )
            for line, time in zip(plan.messages, times, strict=True)
        )
    return made


def access(plan: Look) -> bool:
    """A colleague looked at somebody; False when that one has done so before."""
    by, of = User.objects.get(email=plan.by), Profile.objects.get(address=plan.of)
    if Access.objects.filter(subject=of.key, by=by.pk, what=plan.what).exists():
        return False
    Access.objects.create(
        subject=of.key,
        what=plan.what,
        detail=plan.detail,
        by=by.pk,
        by_name=name_of(by),
        at=_noon(_day(-plan.days_ago)),
    )
    return True


def _place(address: str, run: str) -> Enrolment:
    enrolments = Enrolment.objects.select_related("profile", "run")
    return enrolments.get(profile__address=address, run__slug=run)


def _project(target: Target) -> Project:
    return Project.objects.get(slug=target.project)


def _day(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def _noon(day: dt.date) -> dt.datetime:
    """In the middle of that day where the centre is, and never later than now."""
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=timezone.get_current_timezone())
    return min(noon, timezone.now())
