"""A member's conversations as pages show them: names by the policy, nothing of who hides.

In go a member and a key, out come frozen lines; the number of queries does not grow with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext

from alumni import appearance, visibility
from alumni.models import Block, Conversation, Hiding, Message, Profile, User
from alumni.relay.contact import LONGEST, State

EXCERPT = 140


@dataclass(frozen=True)
class Line:
    """A conversation in the list."""

    key: str
    name: str
    excerpt: str
    at: dt.datetime
    is_mine: bool
    """Whether the member wrote what stands last."""
    is_unread: bool
    asks_me: bool
    waits: bool


@dataclass(frozen=True)
class Said:
    """One message on the page of a conversation."""

    who: str
    text: str
    at: dt.datetime
    is_mine: bool


@dataclass(frozen=True)
class Talk:
    """A conversation with everything its page needs."""

    conversation: Conversation
    name: str
    profile_key: str
    """Empty where the member may not open the other one's page."""
    said: tuple[Said, ...]
    asks_me: bool
    was_declined: bool
    waits: bool
    is_blocked: bool
    has_left: bool
    may_write: bool
    most: int = LONGEST


def of(viewer: User) -> list[Line]:
    """All conversations of the member, the latest first; blocked people are at the end."""
    own = visibility.membership(viewer)
    if own is None:
        return []
    rows = list(_open_to(own).exclude(state=State.DECLINED, asked=own))
    latest = _latest(rows, own)
    names = _names(viewer, own, rows)
    lines = [_line(row, own, latest[row.pk], names[row.pk]) for row in rows if row.pk in latest]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def waiting(viewer: User) -> int:
    """Conversations with something new to read; one query."""
    own = visibility.membership(viewer)
    if own is None or not own.is_member:
        return 0
    unread = _shown_to(own).filter(read_at=None).exclude(author=own)
    rows = _open_to(own).exclude(state=State.DECLINED, asked=own).exclude(_blocked_by(own))
    return rows.filter(Exists(unread.filter(conversation=OuterRef("pk")))).count()


def find(viewer: User, key: str) -> Talk | None:
    """A conversation of the member's own; None for any other key."""
    own = visibility.membership(viewer)
    row = _open_to(own).filter(key=key).first() if own else None
    if row is None or own is None:
        return None
    name = _names(viewer, own, [row])[row.pk]
    other = row.asked if row.asker_id == own.pk else row.asker
    seen = other is not None and visibility.visible_to(viewer).filter(pk=other.pk).exists()
    messages = _shown_to(own).filter(conversation=row)
    asked_me = row.asked_id == own.pk
    blocked, accepted = _is_blocked(row), row.state == State.ACCEPTED
    return Talk(
        conversation=row,
        name=name,
        profile_key=other.key if other is not None and seen else "",
        said=tuple(
            Said(
                who=gettext("You") if message.author_id == own.pk else _author(message, name),
                text=message.text,
                at=message.written_at,
                is_mine=message.author_id == own.pk,
            )
            for message in messages
        ),
        asks_me=asked_me and row.state == State.ASKED,
        was_declined=asked_me and row.state == State.DECLINED,
        waits=not asked_me and not accepted,
        is_blocked=blocked,
        has_left=other is None,
        may_write=other is not None and not blocked and (accepted or asked_me),
    )


def shown_as(own: Profile, *, to: Profile) -> str:
    """What the other one reads of the member who writes: by the policy, else the initials."""
    if to.user is None:
        return appearance.initials(own)
    seen = appearance.seen(to.user, visibility.visible_to(to.user).filter(pk=own.pk))
    return (seen[0].name if seen else "") or appearance.initials(own)


def _author(message: Message, name: str) -> str:
    return name if message.author_id else gettext("Someone who has left")


def _open_to(own: Profile) -> QuerySet[Conversation]:
    """The member's conversations without those whose other end is hidden now."""
    other = Case(When(asker=own, then=F("asked_id")), default=F("asker_id"))
    hidden = Profile.objects.filter(Hiding.objects.of_each(), pk=OuterRef("other"))
    return (
        Conversation.objects.filter(Q(asker=own) | Q(asked=own))
        .annotate(other=other)
        .annotate(is_blocked=_blocked_by(own))
        .filter(~Exists(hidden))
        .select_related("asker", "asked")
    )


def _blocked_by(own: Profile) -> Exists:
    return Exists(Block.objects.filter(by=own, against=OuterRef("other")))


def _is_blocked(row: Conversation) -> bool:
    return bool(getattr(row, "is_blocked", False))


def _shown_to(own: Profile) -> QuerySet[Message]:
    return Message.objects.filter(Q(is_withheld=False) | Q(author=own))


def _latest(rows: Iterable[Conversation], own: Profile) -> dict[int, Message]:
    newest = _shown_to(own).filter(conversation=OuterRef("pk")).order_by("-written_at", "-pk")
    ids = (
        Conversation.objects.filter(pk__in=[row.pk for row in rows])
        .annotate(newest=Subquery(newest.values("pk")[:1]))
        .values("newest")
    )
    return {message.conversation_id: message for message in Message.objects.filter(pk__in=ids)}


def _line(row: Conversation, own: Profile, latest: Message, name: str) -> Line:
    mine = latest.author_id == own.pk
    text = " ".join(latest.text.split())
    return Line(
        key=row.key,
        name=name,
        excerpt=text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…",
        at=latest.written_at,
        is_mine=mine,
        is_unread=not mine and latest.read_at is None and not _is_blocked(row),
        asks_me=row.asked_id == own.pk and row.state == State.ASKED,
        waits=row.asker_id == own.pk and row.state != State.ACCEPTED,
    )


def _names(viewer: User, own: Profile, rows: Iterable[Conversation]) -> dict[int, str]:
    """What each other end is called: as the policy shows him or her, else by initials.

    Initials only where the other one has written: whoever was asked in vain keeps even those.
    """
    others = {row.pk: row.asked if row.asker_id == own.pk else row.asker for row in rows}
    wanted = [other.pk for other in others.values() if other is not None]
    people = visibility.visible_to(viewer).filter(pk__in=wanted)
    seen = {
        one.key: one.name
        for one in appearance.seen(viewer, people.prefetch_related("enrolments__run__course"))
    }
    return {row.pk: _name(row, own, others[row.pk], seen) for row in rows}


def _name(row: Conversation, own: Profile, other: Profile | None, seen: dict[str, str]) -> str:
    if other is None:
        return gettext("Someone who has left")
    wrote = row.asker_id == other.pk or row.state == State.ACCEPTED
    return seen.get(other.key) or (
        appearance.initials(other) if wrote else gettext("Someone of the network")
    )
