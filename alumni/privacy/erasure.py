"""Erase: nothing of the person remains but a keyed hash, bare counts, and words sent to others."""

from __future__ import annotations

from collections import Counter

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from wagtail.models import ModelLogEntry

from alumni.models import Access, Departed, Enrolment, Profile, RosterRow, User, Vouching
from alumni.privacy import access, consents, forgotten
from alumni.privacy.consents import Purpose
from alumni.roster.entrants import name_key
from alumni.signals import forgetting
from newsletters import rights
from newsletters.models import Subscriber

OPEN_THE_RECORD = "SELECT set_config('rabita.retention', 'on', true)"
"""Until the transaction ends, rows of the access record may be deleted; changed never."""


class StaffFirst(Exception):
    """A colleague's account: rights and open work are handed over before it can go."""


def erase(*, profile: Profile, by: User | None, language: str, how: str = "web form") -> set[str]:
    """Remove the person everywhere, for good; the addresses that are nobody else's.

    Raises PermissionDenied, StaffFirst.

    By the person, or by None for whoever carries out a request that was checked.
    """
    if by is not None and profile.user_id != by.pk:
        raise PermissionDenied("Only the person can ask to be erased.")
    user = profile.user
    if user is not None and user.has_perm("wagtailadmin.access_admin"):
        raise StaffFirst(
            gettext(
                "You are a colleague with rights here. Ask another one to take them back first."
            )
        )
    with transaction.atomic():
        addresses = addresses_of(profile)
        alone = {address for address in addresses if not _is_shared(address, profile)}
        forgotten.remember(
            name_key=name_key(profile.name),
            addresses=addresses,
            alone=alone,
            runs=profile.enrolments.values_list("run__slug", flat=True),
        )
        remove(profile=profile, language=language, how=how)
        # Also who reads newsletters at the address without having tied the two together.
        for reader in Subscriber.objects.filter(address__in=alone, profile=None):
            wipe_looks(access.of_reader(reader.pk))
            rights.remove(reader, language=language, how=how)
        rights.keep_out(alone)
    return alone


def remove(*, profile: Profile, language: str, how: str) -> None:
    """The same without remembering anybody: who did not ask may come back on another list."""
    with transaction.atomic():
        profile = Profile.objects.select_for_update(of=("self",)).get(pk=profile.pk)
        user, addresses = profile.user, addresses_of(profile)
        forgetting.send(Profile, profile=profile)
        count_as_departed(profile)
        consents.record(profile, Purpose.MEMBERSHIP, given=False, language=language, how=how)
        if profile.subscriber:
            rights.remove(profile.subscriber, language=language, how=how)
        for address in addresses:
            rights.wipe_mail(address)
        _wipe_records(profile, user)
        RosterRow.objects.filter(profile=profile).delete()
        _forget_proposals(profile, addresses)
        profile.delete()
        if user is not None:
            for session in UserSession.objects.filter(user=user):
                session.end()
            user.delete()


def addresses_of(profile: Profile) -> set[str]:
    """Every address this person is reached at, signs in with or reads newsletters at."""
    found = {profile.address}
    if profile.user:
        found |= {profile.user.email}
        rows = EmailAddress.objects.filter(user=profile.user)
        found |= set(rows.values_list("email", flat=True))
    if profile.subscriber:
        found |= {profile.subscriber.address}
    return found - {""}


def _is_shared(address: str, profile: Profile) -> bool:
    return Profile.objects.filter(address=address).exclude(pk=profile.pk).exists()


def _forget_proposals(profile: Profile, addresses: set[str]) -> None:
    """What waits for a second look, or was refused, and speaks of this person."""
    own, runs = name_key(profile.name), profile.enrolments.values("run")
    near = Vouching.objects.unconfirmed().filter(Q(address__in=addresses) | Q(run__in=runs))
    same = [
        one.pk
        for one in near
        if name_key(one.name) == own
        or (one.address in addresses and not _is_shared(one.address, profile))
    ]
    Vouching.objects.filter(pk__in=same).delete()


def count_as_departed(profile: Profile) -> None:
    """Trained women and men stay counted; see docs/adr for why no row holds two traits.

    Once a project, with its last run: a report counts people, not places in courses.
    """
    counts: Counter[tuple[int, str, str, str]] = Counter()
    taken = profile.enrolments.taken_up().filter(role=Enrolment.Role.PARTICIPANT)
    in_time = taken.select_related("run").order_by("run__ends_on", "run")
    for enrolment in {one.run.project_id: one for one in in_time}.values():
        country = enrolment.country or profile.country
        counts[enrolment.run_id, enrolment.completion, Departed.Trait.GENDER, profile.gender] += 1
        counts[enrolment.run_id, enrolment.completion, Departed.Trait.COUNTRY, country] += 1
    for (run, completion, trait, value), count in sorted(counts.items()):
        row, _new = Departed.objects.get_or_create(
            run_id=run, completion=completion, trait=trait, value=value
        )
        Departed.objects.filter(pk=row.pk).update(count=F("count") + count)


def wipe_looks(*subjects: str) -> None:
    """Who looked at what of these; inside the transaction that erases them."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_THE_RECORD)
    Access.objects.filter(subject__in=subjects).delete()


def _wipe_records(profile: Profile, user: User | None) -> None:
    """Who looked at what, and what Wagtail noted of the rows, with the name as its label."""
    wipe_looks(profile.key, access.of_reader(profile.subscriber_id))
    enrolments = profile.enrolments.values_list("pk", flat=True)
    named = [(Profile, [profile.pk]), (Enrolment, list(enrolments))]
    named += [(User, [user.pk])] if user else []
    for model, keys in named:
        logged = ModelLogEntry.objects.filter(
            content_type__app_label="alumni", content_type__model=model._meta.model_name
        )
        logged.filter(object_id__in=map(str, keys)).delete()
