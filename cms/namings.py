"""May we name you in this story? Asked, answered, taken back; and what may not be published.

Without an answer nobody is named: a story waits for it. Who takes a consent back is off the page,
the lists, the search and waiting mail at once.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override
from wagtail.search import index

from alumni.adapters import confirmed_addresses
from alumni.models import Profile, User
from cms import story_letters
from cms.bylines import take_down, tell_editors
from cms.models import BylineChange, Naming, StoryPage
from cms.models.namings import may_be_published, signature_of
from newsletters import everything, links
from newsletters.models import Consent
from newsletters.sources import Section

WORDING_VERSION = "2026-11"
ASKED_AGAIN_AFTER = dt.timedelta(days=3)
What, Form, State = Naming.What, Naming.Form, Naming.State


def add(*, page: StoryPage, profile: Profile, what: str) -> Naming:
    """Note that somebody is in the story. Safe to run again; asks nobody."""
    row, _new = Naming.objects.get_or_create(
        story=page.translation_key, profile=profile, what=What(what)
    )
    return row


def carry(*, page: StoryPage, to: StoryPage) -> None:
    """A copy is another story: whoever is named or pictured in it has to be asked anew."""
    rows = Naming.objects.filter(story=page.translation_key).exclude(what=What.BYLINE)
    for row in rows.select_related("profile").order_by("pk"):
        add(page=to, profile=row.profile, what=row.what)


def ask(*, page: StoryPage, profile: Profile, what: str) -> bool:
    """Mail the person that a question waits; False when it was asked a short while ago.

    Raises ValidationError for whoever has no account: then a consent on paper is noted.
    """
    user = profile.user if profile.is_identified else None
    address = next(iter(confirmed_addresses(user)), "") if user and user.is_active else ""
    if not address or links.suppressed(address):
        raise ValidationError(
            gettext("This person cannot be asked by mail. Ask in another way, and note it here.")
        )
    with transaction.atomic():
        row = Naming.objects.select_for_update().get(
            pk=add(page=page, profile=profile, what=what).pk
        )
        now = timezone.now()
        if row.asked_at and row.asked_at > now - ASKED_AGAIN_AFTER:
            return False
        Naming.objects.filter(pk=row.pk).update(asked_at=now)
        story_letters.post(kind="story_asks", to=address, member=profile)
    return True


def answer(
    *,
    naming: Naming,
    by: User,
    agrees: bool,
    form: str = "",
    language: str,
    at: dt.datetime | None = None,
) -> Naming:
    """The person's own yes or no, and a no after a yes: it acts at once, everywhere.

    `at` is when it was said, where that was before now.
    """
    if naming.profile.user_id != by.pk or not naming.profile.is_identified:
        raise PermissionDenied("Only the person says whether he or she is named.")
    return _settle(naming, agrees, form, language=language, how="web form", note="", at=at)


def note_on_paper(*, naming: Naming, agrees: bool, form: str, how: str, language: str) -> Naming:
    """What the person said on paper or to a colleague; `how` says which and when.

    No paper is above the person's own no on the site.
    """
    if not how.strip():
        raise ValidationError(gettext("Write how and when the person agreed."))
    if agrees and naming.state == State.REFUSED and not naming.how:
        raise ValidationError(
            gettext("The person has said no on the site. Only he or she can say yes there.")
        )
    return _settle(naming, agrees, form, language=language, how="staff, on paper", note=how.strip())


def kept_of(profile: Profile) -> Section:
    """Where the person is named or pictured and what he or she said to it, with the titles."""
    rows = list(Naming.objects.filter(profile=profile).order_by("pk"))
    stories = {row.pk: row.story for row in rows}
    pages = StoryPage.objects.filter(translation_key__in=stories.values())
    titles = dict(pages.order_by("-pk").values_list("translation_key", "title"))
    return everything.section(
        Naming,
        rows,
        left_out={"story", "key"},
        remark=lambda row: [("title", gettext("Story"), titles.get(stories[row.pk], ""))],
    )


def sentence(naming: Naming, form: str, language: str) -> str:
    """What is agreed to, word for word."""
    with override(language):
        if naming.what == Naming.What.PICTURE:
            return gettext("A picture with me in it may stand with a story on the public site.")
        if naming.what == Naming.What.TEXT:
            return gettext("A story on the public site may name me.")
        return gettext("A story on the public site may be signed “%(name)s”.") % {
            "name": signature_of(naming.profile, form, language)
        }


def _settle(
    naming: Naming,
    agrees: bool,
    form: str,
    *,
    language: str,
    how: str,
    note: str,
    at: dt.datetime | None = None,
) -> Naming:
    if agrees and naming.what == What.BYLINE and form not in Form.values:
        raise ValidationError(gettext("Choose how you want to be named."))
    with transaction.atomic():
        naming = Naming.objects.select_for_update().get(pk=naming.pk)
        was_given = naming.state == State.GIVEN
        naming.state = State.GIVEN if agrees else State.REFUSED
        if agrees and naming.what == What.BYLINE:
            naming.form = form
        naming.answered_at, naming.how = at or timezone.now(), note
        naming.save()
        if agrees or was_given:
            Consent.objects.create(
                subject=f"profile:{naming.profile.key}",
                purpose=f"{naming.what}:{naming.story}",
                given=agrees,
                wording=sentence(naming, naming.form, language),
                wording_version=WORDING_VERSION,
                language=language,
                how=how,
                at=naming.answered_at,
            )
        _act(naming, withdrawn=was_given and not agrees)
    return naming


def _act(naming: Naming, *, withdrawn: bool) -> None:
    """Bylines change in page and search; a story that may not stand any more is taken down."""
    pages = StoryPage.objects.filter(translation_key=naming.story)
    for page in pages.select_related("author", "locale"):
        index.insert_or_update_object(page)
        if naming.state != State.REFUSED:
            continue
        if not may_be_published(page):
            take_down(page)
        elif withdrawn and naming.what == What.BYLINE:
            tell_editors(page, BylineChange.What.WITHDRAWN)
