"""Stories from members: kept, sent, taken on or returned, withdrawn and taken down."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext, override
from wagtail.models import Locale
from wagtail.permissions import page_permission_policy

from alumni import visibility
from alumni.adapters import confirmed_addresses
from alumni.models import Hiding, Profile, User
from alumni.relay.contact import language_of
from cms import namings
from cms.bylines import take_down
from cms.models import CountryPage, Naming, StoryIndexPage, StoryPage, Submission
from newsletters import everything, letters
from newsletters.sources import Section

MOST_KEPT = 10
"""Drafts of one member at a time."""
MOST_SENT_A_DAY = 5
State = Submission.State


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
            return Submission.objects.create(author=author, **facts)
        row = Submission.objects.select_for_update().get(pk=row.pk)
        if row.author_id != author.pk or not row.is_open:
            raise PermissionDenied("Only the author writes on it, and not while it waits.")
        for name, value in facts.items():
            setattr(row, name, value)
        row.saved_at = timezone.now()
        row.save()
    return row


def send(*, by: User, row: Submission) -> None:
    """Hand it to the editors. Raises ValidationError when too many went today."""
    author = _author(by)
    if visibility.is_hidden(author):
        raise ValidationError(gettext("You are hidden now. Show yourself again, then send it."))
    day = timezone.now() - dt.timedelta(days=1)
    sent = Submission.objects.filter(author=author, sent_at__gte=day).count()
    if sent >= MOST_SENT_A_DAY:
        raise ValidationError(gettext("You have sent several stories today. Send this tomorrow."))
    moved = Submission.objects.filter(
        pk=row.pk, author=author, state__in=[State.DRAFT, State.RETURNED]
    ).update(state=State.SENT, sent_at=timezone.now(), note="")
    if moved:
        _tell(author)


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
        if row.sent_at:
            _tell(author)


def waiting(user: Any) -> QuerySet[Submission]:
    """What this colleague may take on: all, or of the countries whose section he or she keeps."""
    if not visibility.is_staff(user):
        return Submission.objects.none()
    theirs = page_permission_policy.instances_user_has_permission_for(user, "add").values("pk")
    countries = CountryPage.objects.filter(pk__in=theirs).values("country")
    mine = Q(country__in=countries)
    if StoryIndexPage.objects.filter(pk__in=theirs).exists():
        mine = Q()
    rows = Submission.objects.filter(mine, state=State.SENT)
    rows = rows.exclude(author__in=Profile.objects.filter(Hiding.objects.of_each()))
    return rows.select_related("author", "course_run__course").order_by("sent_at")


def take_on(*, by: User, row: Submission) -> StoryPage:
    """Make an unpublished page of it, signed as its author said. Safe to press twice."""
    with transaction.atomic():
        row = _held(by, row)
        page = StoryPage(
            title=row.title,
            standfirst=row.standfirst,
            slug=_slug(row),
            author=row.author,
            countries=[row.country],
            topics=row.topics,
            course_run=row.course_run,
            body=[("paragraph", _rich(text)) for text in _paragraphs(row.text)],
            locale=Locale.objects.get(language_code=row.language),
            live=False,
            owner=by,
        )
        _parent(row, by).add_child(instance=page)
        page.save_revision(user=by)
        asked = namings.add(page=page, profile=row.author, what=Naming.What.BYLINE)
        signs = row.author.user
        if signs is None:
            raise PermissionDenied("Only who has an account has said how to be named.")
        namings.answer(naming=asked, by=signs, agrees=True, form=row.form, language=row.language)
        _decide(row, by, State.TAKEN_ON, "", story=page.translation_key)
    return page


def give_back(*, by: User, row: Submission, note: str, finally_: bool = False) -> None:
    """Back to the author with a note, to mend or (`finally_`) as a no."""
    if not note.strip():
        raise ValidationError(gettext("Write the author a note: why, and what to do."))
    with transaction.atomic():
        row = _held(by, row)
        _decide(row, by, State.DECLINED if finally_ else State.RETURNED, note.strip()[:2000])


def kept_of(profile: Profile) -> Section:
    """What the person wrote for the editors, sent or not."""
    rows = Submission.objects.filter(author=profile).order_by("pk")
    return everything.section(Submission, rows, left_out={"key", "story", "decided_by"})


def _author(by: User) -> Profile:
    profile = visibility.membership(by)
    if profile is None or not profile.is_member:
        raise PermissionDenied("Only members send stories.")
    return profile


def _held(by: User, row: Submission) -> Submission:
    found = waiting(by).filter(pk=row.pk).select_for_update(of=("self",)).first()
    if found is None:
        raise PermissionDenied("It does not wait for this colleague (any more).")
    return found


def _decide(row: Submission, by: User, state: str, note: str, **facts: Any) -> None:
    Submission.objects.filter(pk=row.pk).update(
        state=state, note=note, decided_at=timezone.now(), decided_by=by, **facts
    )
    _tell(row.author)


def _parent(row: Submission, by: User) -> Any:
    """The country's section in the story's language, else the list of stories."""
    local = {"locale__language_code": row.language, "alias_of": None}
    section = CountryPage.objects.filter(country=row.country, **local).first()
    parent = section or StoryIndexPage.objects.filter(**local).first()
    if parent is None or not parent.permissions_for_user(by).can_add_subpage():
        raise ValidationError(
            gettext("There is no section in this language in which you may put the story.")
        )
    return parent


def _slug(row: Submission) -> str:
    """Nobody's idea of an address is taken over; two stories of one title do not meet."""
    words = slugify(row.title, allow_unicode=True)[:60].strip("-")
    return "-".join(part for part in (words, row.key[:6].lower().strip("-_")) if part)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r", "")) if part.strip()]


def _rich(text: str) -> str:
    """Plain text as one paragraph: whatever looks like markup is only letters."""
    return "<p>" + escape(text).replace("\n", "<br/>") + "</p>"


def _tell(author: Profile) -> None:
    """There is news on "My stories": neither the story nor what was decided stands in the mail."""
    address = next(iter(confirmed_addresses(author.user)), "") if author.user else ""
    if not address:
        return
    language = language_of(author)
    with override(language):
        path = reverse("my_stories")
    letters.post(
        kind="story_news",
        to=address,
        language=language,
        params={"stories_url": f"{settings.SITE_URL}{path}"},
        discreet=visibility.tier_of(author) is visibility.Tier.PROTECTED,
    )


def of(profile: Profile) -> QuerySet[Submission]:
    """The member's own, newest first."""
    return Submission.objects.filter(author=profile).order_by(F("saved_at").desc(), "-pk")
