"""In: a course run, the addresses and the names of some rows. Out: the person each row means.

Whoever cannot be told apart is a doubt that a person has to resolve.
"""

from __future__ import annotations

from collections import defaultdict

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext as _

from alumni.models import CourseRun, Profile
from alumni.roster.entrants import Entrant, name_key
from newsletters.addresses import masked


class Known:
    """The people some rows can mean: those at their addresses, and namesakes in the run."""

    def __init__(
        self,
        run: CourseRun,
        addresses: set[str],
        namesakes: set[int],
        apart_from: set[int],
    ) -> None:
        of_users = dict(
            EmailAddress.objects.filter(email__in=addresses, verified=True).values_list(
                "email", "user_id"
            )
        )
        meant = Q(address__in=addresses) | Q(pk__in=namesakes)
        if of_users:
            meant |= Q(user__in=set(of_users.values()))
        found = Profile.objects.filter(meant).order_by("pk")
        people = {profile.pk: profile for profile in found if profile.pk not in apart_from}
        self.by_address: dict[str, list[Profile]] = defaultdict(list)
        by_user = {profile.user_id: profile for profile in people.values() if profile.user_id}
        for profile in people.values():
            self.by_address[profile.address].append(profile)
        for address, user in of_users.items():
            member = by_user.get(user)
            if member is not None and member not in self.by_address[address]:
                self.by_address[address].append(member)
        self.enrolments = {
            enrolment.profile_id: enrolment
            for enrolment in run.enrolments.filter(profile__in=people)
        }
        self.in_run: dict[str, list[Profile]] = defaultdict(list)
        for pk in self.enrolments:
            self.in_run[name_key(people[pk].name)].append(people[pk])

    def named(self, entrant: Entrant) -> list[Profile]:
        """Those at the entrant's address who have the same name."""
        return [
            profile
            for profile in self.by_address.get(entrant.address, [])
            if name_key(profile.name) == entrant.name_key
        ]


def find(entrant: Entrant, people: Known) -> tuple[Profile | None, str]:
    """The person meant, or None for a new one; and a doubt that a person has to resolve."""
    if entrant.address and (found := people.named(entrant)):
        if len(found) == 1:
            return found[0], ""
        return None, _(
            "is one of several people with this name and address. Merge them first, or correct "
            "the address."
        )
    namesakes = people.in_run.get(entrant.name_key, [])
    if not namesakes:
        return None, ""
    fitting = [profile for profile in namesakes if not entrant.address or not profile.address]
    if len(namesakes) == 1 and fitting:
        return fitting[0], ""
    if not entrant.address:
        return None, _(
            "has no address, and several people in this course have the name. Add the address."
        )
    return None, _(
        "has the name of someone in this course who is reached at %(address)s. If it is the same "
        "person, correct the address there; if not, write the name more fully."
    ) % {"address": masked(namesakes[0].address)}
