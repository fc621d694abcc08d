"""Writing to a member without either address showing. Messages live on the site; mail announces.

The first message asks. Declined and blocked look to its writer like "no answer yet".
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from alumni import visibility
from alumni.adapters import confirmed_addresses
from alumni.models import Block, Complaint, Conversation, Message, Profile, User
from alumni.privacy import consents
from alumni.privacy.consents import Purpose
from alumni.relay import muting
from alumni.vocabulary import language_now
from newsletters import letters, links

MOST_NEW_A_DAY = 5
"""People whom one member can write to for the first time within 24 hours."""
MOST_MESSAGES_A_DAY = 60
LONGEST = 4000

State = Conversation.State


class NotNow(Exception):
    """Why nothing was sent; the message says what to do."""


def may_write(*, by: User, to: Profile) -> bool:
    """Whether the policy lets them: both have joined, and the writer may find the other one."""
    own = visibility.membership(by)
    if own is None or not own.is_member or own.pk == to.pk or not to.user_id:
        return False
    found = visibility.visible_to(by).filter(pk=to.pk, accepted_at__isnull=False).first()
    if found is None or visibility.is_hidden(found):
        return False
    met = bool(getattr(found, "shares_a_course", False))
    how = visibility.Relation.COHORT if met else visibility.Relation.MEMBER
    return visibility.takes_messages(found, how)


def between(one: Profile, other: Profile) -> Conversation | None:
    """The conversation of these two, whoever began it."""
    either = Q(asker=one, asked=other) | Q(asker=other, asked=one)
    return Conversation.objects.filter(either).first()


def ask(*, by: User, to: Profile, text: str) -> Conversation:
    """Write for the first time; the other one accepts or says nothing.

    Where the two have a conversation, it goes on there. Raises NotNow, ValidationError.
    """
    own = _writer(by)
    with transaction.atomic():
        _one_at_a_time(own, to)
        known = between(own, to)
        if known is not None:
            write(conversation=known, by=by, text=text)
            return known
        if not may_write(by=by, to=to):
            raise NotNow(gettext("You cannot write to this person."))
        began = Conversation.objects.filter(asker=own, began_at__gt=_a_day_ago())
        if began.count() >= MOST_NEW_A_DAY:
            raise NotNow(
                gettext("You have written to several new people today. Please go on tomorrow.")
            )
        conversation = Conversation.objects.create(asker=own, asked=to)
        _add(conversation, own, to, text)
    return conversation


def write(*, conversation: Conversation, by: User, text: str) -> Message:
    """Go on in a conversation that was accepted. Who was asked accepts by answering.

    Raises NotNow when the other one has not accepted, has left or hides, or the day is full.
    """
    own = _writer(by)
    with transaction.atomic():
        other = other_of(conversation, own)
        if other is None:
            raise NotNow(gettext("This person has left. Nobody would read it."))
        _one_at_a_time(own, other)
        conversation.refresh_from_db()
        if Block.objects.filter(by=own, against=other).exists():
            raise NotNow(gettext("You have blocked this person. Take that back before you write."))
        if visibility.is_hidden(other):
            raise NotNow(gettext("You cannot write to this person now."))
        if conversation.state != State.ACCEPTED:
            if conversation.asker_id == own.pk:
                raise NotNow(gettext("Please wait until you have an answer."))
            accept(conversation=conversation, by=by)
        return _add(conversation, own, other, text)


def accept(*, conversation: Conversation, by: User) -> bool:
    """Who was asked agrees; both can write from now on. Also after having declined."""
    with transaction.atomic():
        done = _answer(conversation, by, State.ACCEPTED, from_=[State.ASKED, State.DECLINED])
        if done:
            _agree(_writer(by), how="accepted a message")
    return done


def decline(*, conversation: Conversation, by: User) -> bool:
    """Who was asked says no; the other one is not told."""
    return _answer(conversation, by, State.DECLINED, from_=[State.ASKED])


def block(*, conversation: Conversation, by: User) -> None:
    """Hear nothing more from the other one, who is not told. Safe to run again."""
    own = _writer(by)
    other = other_of(conversation, own)
    if other is not None:
        Block.objects.get_or_create(by=own, against=other)


def unblock(*, conversation: Conversation, by: User) -> None:
    """Take the block back; what was written meanwhile stays unseen."""
    own = _writer(by)
    Block.objects.filter(by=own, against=other_of(conversation, own)).delete()


def report(*, conversation: Conversation, by: User, why: str) -> Complaint:
    """Ask staff to read this conversation. Safe to run again while it is not settled."""
    own = _writer(by)
    complaint, _new = Complaint.objects.get_or_create(
        conversation=conversation, by=own, settled_at=None, defaults={"why": why.strip()[:1000]}
    )
    return complaint


def wording(own: Profile) -> str:
    """What a member agrees to by writing or accepting for the first time; empty afterwards."""
    if consents.holds(own, Purpose.RELAY):
        return ""
    return consents.sentence(Purpose.RELAY, language_now())


def set_contact(*, profile: Profile, by: User, contact: str) -> None:
    """Who may write to the member; whoever wants to hear from nobody takes the consent back."""
    with transaction.atomic():
        Profile.objects.filter(pk=profile.pk, user=by).update(contact=contact)
        if contact == Profile.Contact.NOBODY and consents.holds(profile, Purpose.RELAY):
            consents.record(
                profile, Purpose.RELAY, given=False, language=language_now(), how="web form"
            )


def read(*, conversation: Conversation, by: User) -> None:
    """The other one's messages have been seen; the next one is announced by mail again."""
    unread = conversation.messages.filter(read_at=None, is_withheld=False)
    unread.exclude(author=_writer(by)).update(read_at=timezone.now())


def settle(*, complaint: Complaint, by: User, outcome: str) -> bool:
    """Staff have looked into it and say what was done. False when somebody had already."""
    if not outcome.strip():
        raise ValidationError(gettext("Write what was done."))
    return bool(
        Complaint.objects.filter(pk=complaint.pk, settled_at=None).update(
            settled_at=timezone.now(), settled_by=by, outcome=outcome.strip()[:300]
        )
    )


def other_of(conversation: Conversation, own: Profile) -> Profile | None:
    """The other one of the two; None when he or she has left."""
    return conversation.asked if conversation.asker_id == own.pk else conversation.asker


def _answer(conversation: Conversation, by: User, state: State, *, from_: list[State]) -> bool:
    own = _writer(by)
    waiting = Conversation.objects.filter(pk=conversation.pk, asked=own, state__in=from_)
    answered = bool(waiting.update(state=state, answered_at=timezone.now()))
    conversation.refresh_from_db()
    return answered


def _writer(by: User) -> Profile:
    """The member who acts; whoever hides would show himself or herself by writing."""
    own = visibility.membership(by)
    if own is None or not own.is_member:
        raise NotNow(gettext("Only members write to members."))
    return own


def _one_at_a_time(*people: Profile) -> None:
    """Locks in one order, so that two who press at once neither pass a limit nor wait for ever."""
    keys = sorted(person.pk for person in people)
    list(Profile.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))


def _add(conversation: Conversation, own: Profile, other: Profile, text: str) -> Message:
    text = text.replace("\x00", "").strip()
    if not text:
        raise ValidationError(gettext("Write something first."))
    if len(text) > LONGEST:
        raise ValidationError(gettext("This is too long. Please make it shorter."))
    if muting.is_muted(own):
        raise NotNow(gettext("The centre has paused your writing to members for now."))
    if visibility.is_hidden(own):
        raise NotNow(gettext("You are hidden now. Show yourself again before you write."))
    if Message.objects.filter(author=own, written_at__gt=_a_day_ago()).count() >= (
        MOST_MESSAGES_A_DAY
    ):
        raise NotNow(gettext("You have written a lot today. Please go on tomorrow."))
    _agree(own, how="wrote a message")
    withheld = Block.objects.filter(by=other, against=own).exists()
    waiting = conversation.messages.filter(author=own, read_at=None, is_withheld=False).exists()
    message = Message.objects.create(
        conversation=conversation, author=own, text=text, is_withheld=withheld
    )
    if not withheld and not waiting:
        _announce(conversation, other)
    return message


def _agree(own: Profile, *, how: str) -> None:
    """On record once: with the first message one writes, or the first person one accepts."""
    if not consents.holds(own, Purpose.RELAY):
        consents.record(own, Purpose.RELAY, given=True, language=language_now(), how=how)


def _announce(conversation: Conversation, to: Profile) -> None:
    """One mail for what is unread: no word of it, no name, no address of the writer."""
    address = next(iter(confirmed_addresses(to.user)), "") if to.user and to.user.is_active else ""
    if not address or links.suppressed(address):
        return
    language = language_of(to)
    with override(language):
        path = reverse("alumni:conversation", args=[conversation.key])
    letters.post(
        kind="message_waits",
        to=address,
        language=language,
        params={"message_url": f"{settings.SITE_URL}{path}"},
        discreet=visibility.tier_of(to) is visibility.Tier.PROTECTED,
    )


def language_of(profile: Profile) -> str:
    """The language a member reads mail in: of the newsletters, else of the profile."""
    site = dict(settings.LANGUAGES)
    wished = [*(profile.subscriber.languages if profile.subscriber else []), *profile.languages]
    return next((code for code in wished if code in site), settings.LANGUAGE_CODE)


def _a_day_ago() -> dt.datetime:
    return timezone.now() - dt.timedelta(days=1)
