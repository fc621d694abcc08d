"""They wrote to us, or called: give me everything, erase me, let me come back. Staff's verbs.

In: a person or an address, how it was asked, and how staff made sure who asked. Out: a file, or
an erased person; and a line in the record that says who did it and why.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, ngettext

from alumni.models import Message, Profile, User
from alumni.privacy import access, erasure, export, forgotten
from alumni.roster.entrants import name_key
from newsletters import everything, rights
from newsletters.addresses import normalise
from newsletters.models import Subscriber, Subscription

MAY = "alumni.answer_request"
HOW = "asked by letter"
What = access.What


@dataclass(frozen=True)
class Found:
    """Who is meant: a person of ours, a reader, or an address that nothing is kept of."""

    address: str
    profile: Profile | None = None
    reader: Subscriber | None = None

    @property
    def addresses(self) -> list[str]:
        """Every address the request covers."""
        own = erasure.addresses_of(self.profile) if self.profile else set()
        return sorted(own | ({self.address} - {""}))

    @property
    def name(self) -> str:
        """The person, or else the address."""
        return self.profile.name if self.profile else self.address

    @property
    def is_known(self) -> bool:
        """Whether anything is kept at all."""
        return self.profile is not None or self.reader is not None


def find(*, address: str = "", profile: Profile | None = None) -> Found:
    """The one person or reader meant. Raises ValidationError with what to do instead."""
    if profile is not None:
        return Found(profile.address, profile, profile.subscriber)
    address = normalise(address)
    at = Q(address=address) | Q(user__email=address) | Q(subscriber__address=address)
    own = Q(user__emailaddress__email=address, user__emailaddress__verified=True)
    people = list(Profile.objects.filter(at | own).distinct()[:2])
    if len(people) > 1:
        raise ValidationError(
            gettext("Several people are reached at this address. Choose the person instead.")
        )
    person = people[0] if people else None
    reader = person.subscriber if person else None
    return Found(address, person, reader or Subscriber.objects.filter(address=address).first())


def what_goes(found: Found) -> list[str]:
    """In sentences, for staff to read before anything goes. Numbers, no contents."""
    goes, person = [], found.profile
    if person is not None:
        n = person.enrolments.count()
        goes.append(
            ngettext(
                "The profile, and %(n)d course with what was answered about it.",
                "The profile, and %(n)d courses with what was answered about them.",
                n,
            )
            % {"n": n}
        )
        if person.user_id:
            goes.append(gettext("The account: this person cannot sign in any more."))
    readers = Subscriber.objects.filter(
        Q(pk=found.reader.pk if found.reader else 0) | Q(address__in=found.addresses)
    )
    n = Subscription.objects.confirmed().filter(subscriber__in=readers).count()
    if n:
        goes.append(ngettext("%(n)d newsletter.", "%(n)d newsletters.", n) % {"n": n})
    goes += [
        gettext("The address %(address)s: nothing is mailed to it any more.") % {"address": address}
        for address in found.addresses
    ]
    return goes


def what_stays(found: Found) -> list[str]:
    """The same for what is kept, as docs/adr/0012 has it."""
    stays = [gettext("A code that nobody can read back, so that no list brings this person back.")]
    if found.profile is not None:
        n = Message.objects.filter(author=found.profile).count()
        if n:
            stays.append(
                ngettext(
                    "%(n)d message, with whom it was sent to, signed “Someone who has left”.",
                    "%(n)d messages, with whom they were sent to, signed “Someone who has left”.",
                    n,
                )
                % {"n": n}
            )
        stays.append(gettext("Bare counts of the courses, by one trait at a time."))
    if found.is_known:
        stays.append(
            gettext("For three years, what somebody without a name agreed to and took back.")
        )
    return stays


def erase(*, found: Found, by: User, how: str, checked: str) -> None:
    """Erase whoever is meant; the last mail says so. Raises PermissionDenied, StaffFirst.

    An address that nothing is kept of is kept out from now on.
    """
    _allow(by)
    language, discreet = _language(found), bool(found.reader and found.reader.discreet)
    with transaction.atomic():
        if found.profile is not None:
            alone = erasure.erase(profile=found.profile, by=None, language=language, how=HOW)
            mailbox = found.reader.address if found.reader else found.profile.address
            if mailbox in alone:
                rights.say_erased(mailbox, language=language, discreet=discreet)
        elif found.reader is not None:
            rights.forget(found.reader, language=language, how=HOW)
        else:
            rights.keep_out(found.addresses)
        access.note_list(by=by, what=What.ERASED, detail=_detail(how, checked))


def take(*, found: Found, by: User, how: str, checked: str) -> bytes:
    """Everything, to hand over on paper or in a file; the person reads who took it out.

    Not what members wrote to one another: that, a member reads alone, signed in.
    """
    _allow(by)
    if found.profile is not None:
        sections = export.by_letter(found.profile)
        access.note(profile=found.profile, what=What.TAKEN_OUT, by=by, detail=_detail(how, checked))
    elif found.reader is not None:
        sections = everything.of_reader(found.reader)
        access.note_list(by=by, what=What.TAKEN_OUT, detail=_detail(how, checked))
    else:
        raise ValidationError(gettext("Nothing is kept at this address."))
    return everything.archive(sections, name=found.name)


def let_return(*, address: str, name: str, by: User, how: str, checked: str) -> int:
    """Somebody who was erased has asked to come back; how many of the codes were taken away."""
    _allow(by)
    with transaction.atomic():
        gone = forgotten.let_return(address=normalise(address), name_key=name_key(name))
        if gone:
            access.note_list(by=by, what=What.RETURNED, detail=_detail(how, checked))
    return gone


def _allow(by: User) -> None:
    if not by.has_perm(MAY):
        raise PermissionDenied("Only an administrator answers such a request.")


def _detail(how: str, checked: str) -> str:
    return f"{how.strip()} · {checked.strip()}"


def _language(found: Found) -> str:
    """The first the person reads that the site has."""
    spoken = [*(found.reader.languages if found.reader else ())]
    spoken += found.profile.languages if found.profile else ()
    ours = dict(settings.LANGUAGES)
    return next((code for code in spoken if code in ours), settings.LANGUAGE_CODE)
