"""Stories from members, the author's side: kept, sent, withdrawn; and the mail that tells of news.

What editors do with them stands in `moderation`, their pictures in `submission_pictures`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from alumni import visibility
from alumni.adapters import confirmed_addresses
from alumni.models import Profile, User
from cms import story_letters, submission_pictures
from cms.bylines import take_down
from cms.models import StoryPage, Submission, SubmissionPicture
from newsletters import everything
from newsletters.sources import Section

MOST_KEPT = 10
"""Drafts of one member at a time."""
MOST_SENT_A_DAY = 5
State = Submission.State


def of(profile: Profile) -> QuerySet[Submission]:
    """The member's own, newest first."""
    return Submission.objects.filter(author=profile).order_by(F("saved_at").desc(), "-pk")


def keep(*, by: User, row: Submission | None, facts: dict[str, Any]) -> Submission:
    """Save what was typed, new or again. Raises ValidationError when there are too many."""
    author = _author(by)
    with transaction.atomic():
        Profile.objects.select_for_update(of=("self",)).get(pk=author.pk)
        if row is None:
            drafts = Submission.objects.filter(author=author, state=State.DRAFT)
            if drafts.count() >= MOST_KEPT:
                raise ValidationError(
                    gettext("You keep ten drafts already. Finish or withdraw one of them first.")
                )
            row = Submission(author=author)
        else:
            row = own(by=by, row=row)
        if facts.get("sign_off", row.sign_off) != row.sign_off:
            row.sign_off_by, row.sign_off_at = None, timezone.now()
        for name, value in facts.items():
            setattr(row, name, value)
        row.saved_at = timezone.now()
        row.save()
    return row


def own(*, by: User, row: Submission) -> Submission:
    """The row for its author to write on, locked until the transaction ends."""
    row = Submission.objects.select_for_update().get(pk=row.pk)
    if row.author_id != _author(by).pk or not row.is_open:
        raise PermissionDenied("Only the author writes on it, and not while it waits.")
    return row


def send(*, by: User, row: Submission) -> None:
    """Hand it to the editors. Raises ValidationError when too many went today.

    This is the moment at which the author agrees to how it is signed.
    """
    author = _author(by)
    if visibility.is_hidden(author):
        raise ValidationError(gettext("You are hidden now. Show yourself again, then send it."))
    day = timezone.now() - dt.timedelta(days=1)
    sent = Submission.objects.filter(author=author, sent_at__gte=day).count()
    if sent >= MOST_SENT_A_DAY:
        raise ValidationError(gettext("You have sent several stories today. Send this tomorrow."))
    moved = Submission.objects.filter(
        pk=row.pk, author=author, state__in=[State.DRAFT, State.RETURNED]
    ).update(state=State.SENT, sent_at=timezone.now(), note="", passed_at=None, passed_by=None)
    if moved:
        tell(author)


def withdraw(*, by: User, row: Submission) -> None:
    """The author takes it back: a story that is out goes, with what waits to be mailed."""
    author = _author(by)
    with transaction.atomic():
        row = Submission.objects.select_for_update().get(pk=row.pk)
        if row.author_id != author.pk:
            raise PermissionDenied("Only the author takes a story back.")
        if row.state in {State.WITHDRAWN, State.DECLINED}:
            return
        row.state = State.WITHDRAWN
        row.save(update_fields=["state"])
        for page in StoryPage.objects.filter(translation_key=row.story) if row.story else ():
            take_down(page)
        submission_pictures.take_off(row)
        if row.sent_at:
            tell(author)


def forget(profile: Profile) -> None:
    """What is not on the site leaves no picture in the library when its author is erased."""
    for row in of(profile).filter(story__isnull=False).exclude(state=State.PUBLISHED):
        submission_pictures.take_off(row)


def kept_of(profile: Profile) -> list[Section]:
    """What the person wrote for the editors, sent or not, with its pictures."""
    rows = Submission.objects.filter(author=profile).order_by("pk")
    colleagues = {"decided_by", "passed_by", "sign_off_by"}
    written = everything.section(Submission, rows, left_out={"key", "story", *colleagues})
    pictures = SubmissionPicture.objects.filter(submission__author=profile).order_by("pk")
    shown = everything.section(
        SubmissionPicture, pictures, left_out={"key", "data", "submission", "picture"}
    )
    return [written, submission_pictures.with_files(shown, pictures)]


def tell(author: Profile) -> None:
    """There is news on "My stories": neither the story nor what was decided stands in the mail."""
    address = next(iter(confirmed_addresses(author.user)), "") if author.user else ""
    if address:
        story_letters.post(kind="story_news", to=address, member=author)


def _author(by: User) -> Profile:
    profile = visibility.membership(by)
    if profile is None or not profile.is_member:
        raise PermissionDenied("Only members send stories.")
    return profile
