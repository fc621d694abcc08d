"""What editors do with stories from members: pass on, take on, give back; and what follows.

One step by default. Where the site says so, a country's own editors pass a story first, and the
author's institution has to agree before it is published.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext
from wagtail.models import Locale, Revision
from wagtail.permissions import page_permission_policy

from alumni.models import Hiding, Profile, User
from cms import namings, submission_pictures
from cms.models import (
    CountryDesk,
    CountryPage,
    Naming,
    StoryIndexPage,
    StoryPage,
    StorySteps,
    Submission,
)
from cms.submissions import tell

State = Submission.State
AT_THE_DESK = (State.SENT, *Submission.HAVE_A_PAGE, State.DECLINED)
"""What the author writes on, or took back, is nobody else's."""


def seen_by(user: Any) -> QuerySet[Submission]:
    """What this colleague may look at: all, or of the countries whose section he or she keeps."""
    if not user.has_perm("wagtailadmin.access_admin"):
        return Submission.objects.none()
    theirs = page_permission_policy.instances_user_has_permission_for(user, "add").values("pk")
    mine = Q(country__in=CountryPage.objects.filter(pk__in=theirs).values("country"))
    if StoryIndexPage.objects.filter(pk__in=theirs).exists():
        mine = Q()
    rows = Submission.objects.filter(mine, state__in=AT_THE_DESK)
    rows = rows.exclude(author__in=Profile.objects.filter(Hiding.objects.of_each()))
    return rows.select_related("author", "course_run__course")


def waiting(user: Any) -> QuerySet[Submission]:
    """What waits for this very colleague, oldest first."""
    rows = seen_by(user).filter(state=State.SENT).order_by("sent_at")
    covered = _passed_first()
    if not covered:
        return rows
    own = CountryDesk.objects.filter(group__user=user).values_list("countries", flat=True)
    to_pass = Q(passed_at=None, country__in=covered)
    theirs = to_pass & Q(country__in={code for codes in own for code in codes})
    return rows.filter(theirs | (~to_pass & ~Q(passed_by=user)))


def is_passed_first(row: Submission) -> bool:
    """Whether one of the country's own editors has to pass it yet."""
    return row.state == State.SENT and not row.passed_at and row.country in _passed_first()


def pass_on(*, by: User, row: Submission) -> None:
    """A country editor has looked at it; another colleague takes it on. Safe to press twice."""
    with transaction.atomic():
        row = _held(by, row)
        if not is_passed_first(row):
            raise PermissionDenied("Nobody has to pass this one first.")
        Submission.objects.filter(pk=row.pk).update(passed_at=timezone.now(), passed_by=by)


def note_sign_off(*, by: User, row: Submission, words: str) -> None:
    """Who at the author's institution agreed, and when, as a colleague was told."""
    if not words.strip():
        raise ValidationError(gettext("Write who at the institution agreed, and when."))
    if not seen_by(by).filter(pk=row.pk).exclude(state=State.DECLINED).exists():
        raise PermissionDenied("It is no story of this colleague.")
    Submission.objects.filter(pk=row.pk).update(
        sign_off=words.strip()[:300], sign_off_at=timezone.now(), sign_off_by=by
    )


def take_on(*, by: User, row: Submission) -> StoryPage:
    """Make an unpublished page of it, signed as its author said. Safe to press twice."""
    with transaction.atomic():
        row = _held(by, row)
        if is_passed_first(row):
            raise PermissionDenied("A country editor passes it first.")
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
        submission_pictures.onto(page, row, by)
        _parent(row, by).add_child(instance=page)
        page.save_revision(user=by)
        _sign(page, row)
        _decide(row, by, State.TAKEN_ON, "", story=page.translation_key)
    return page


def give_back(*, by: User, row: Submission, note: str, finally_: bool = False) -> None:
    """Back to the author with a note, to mend or (`finally_`) as a no."""
    if not note.strip():
        raise ValidationError(gettext("Write the author a note: why, and what to do."))
    with transaction.atomic():
        row = _held(by, row)
        _decide(row, by, State.DECLINED if finally_ else State.RETURNED, note.strip()[:2000])


def take_down(*, by: User, row: Submission) -> None:
    """Off the site in every language, at once, and out of every mail that has not left."""
    pages = StoryPage.objects.filter(translation_key=row.story)
    rights = [(page.live, page.permissions_for_user(by)) for page in pages]
    if not all(may.can_unpublish() if live else may.can_publish() for live, may in rights):
        raise PermissionDenied("It stands where this colleague may take nothing down.")
    with transaction.atomic():
        waits = Revision.page_revisions.filter(object_id__in=[str(page.pk) for page in pages])
        waits.update(approved_go_live_at=None)
        for page in pages.filter(live=True):
            page.unpublish(user=by)


def follow(page: StoryPage, *, is_live: bool) -> None:
    """A page went on the site or off it: the author is told once, whatever its languages."""
    row = Submission.objects.filter(
        story=page.translation_key, state__in=Submission.HAVE_A_PAGE
    ).first()
    if row is None:
        return
    others = StoryPage.objects.filter(translation_key=page.translation_key, live=True)
    on_the_site = is_live or others.exclude(pk=page.pk).exists()
    state = State.PUBLISHED if on_the_site else State.TAKEN_DOWN
    if Submission.objects.filter(pk=row.pk).exclude(state=state).update(state=state):
        tell(row.author)


def _passed_first() -> set[str]:
    """The countries whose own editors pass a story first; none where that is switched off."""
    if not StorySteps.now().country_first:
        return set()
    desks = CountryDesk.objects.filter(group__user__is_active=True).distinct()
    return {code for countries in desks.values_list("countries", flat=True) for code in countries}


def _held(by: User, row: Submission) -> Submission:
    found = waiting(by).filter(pk=row.pk).select_for_update(of=("self",)).first()
    if found is None:
        raise PermissionDenied("It does not wait for this colleague (any more).")
    return found


def _decide(row: Submission, by: User, state: str, note: str, **facts: Any) -> None:
    Submission.objects.filter(pk=row.pk).update(
        state=state, note=note, decided_at=timezone.now(), decided_by=by, **facts
    )
    tell(row.author)


def _sign(page: StoryPage, row: Submission) -> None:
    """The author agreed to the byline when the story was sent, not when it is taken on."""
    signs = row.author.user
    if signs is None or row.sent_at is None:
        raise PermissionDenied("Only who has an account has said how to be named.")
    asked = namings.add(page=page, profile=row.author, what=Naming.What.BYLINE)
    namings.answer(
        naming=asked, by=signs, agrees=True, form=row.form, language=row.language, at=row.sent_at
    )


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
