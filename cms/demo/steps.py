"""The ten minutes of a demonstration, in sentences with the way to each screen."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from alumni.vocabulary import language_now
from cms.models import CourseIndexPage

PASSWORD = "come in and look"  # noqa: S105 (printed for everyone to read)
"""Everyone's password on a demonstration machine; where one is forced, a random one instead."""


@dataclass(frozen=True)
class Way:
    """A button."""

    label: str
    url: str


@dataclass(frozen=True)
class Step:
    """One thing to try."""

    title: str
    text: str
    ways: tuple[Way, ...]
    role: str = ""
    """As whom to sign in, where the text does not say it."""


@dataclass(frozen=True)
class Colleague:
    """Somebody to sign in as."""

    role: str
    address: str


def colleagues() -> list[Colleague]:
    """Who there is to sign in as: administrator, editor, alumni."""
    found = settings.PACK.demonstration(timezone.localdate())
    if found is None:
        return []
    staff = [
        Colleague(_("administrator") if one.administrator else _("editor"), one.address)
        for one in found.staff
    ]
    return staff + [
        Colleague(_("alumnus"), person.address) for person in found.people if person.sign_in
    ]


def steps() -> list[Step]:
    """In the order in which they make sense."""
    today = Way(_("Today"), reverse("wagtailadmin_home"))
    mailings = Way(_("Mailings"), reverse("mailings"))
    administrator = _("administrator")
    return [
        Step(
            _("A course has ended: bring in its people"),
            _(
                "Sign in as the administrator. Today says what waits, with one button each. Bring "
                "in a roster with a broken date and two people on one mailbox, mend what it names, "
                "then print a slip for everyone."
            ),
            (today, Way(_("Joining"), reverse("joining"))),
        ),
        Step(
            _("Somebody joins by phone"),
            _(
                "Type the code of a slip, confirm your own address, and choose who may find you: "
                "nothing is ticked before you do. On the desk the course counts “1 of 16” by "
                "itself, and a colleague ticks that this is the person."
            ),
            (Way(_("Type a code"), reverse("alumni:slip")),),
        ),
        Step(
            _("A story in one language, told in three"),
            _(
                "As the editor, write a story in Arabic with two short translations and publish "
                "it. The country grows darker on the map, and the page reads from right to left."
            ),
            (
                Way(_("Stories"), reverse("stories:choose_parent")),
                Way(_("Countries"), f"/{language_now()}/countries/"),
                Way(_("Courses"), _first_list(CourseIndexPage)),
            ),
        ),
        Step(
            _("The digest leaves"),
            _(
                "Look at it as three readers before it goes, then send it. The sum of the mailing "
                "closes while you look on."
            ),
            (today, mailings),
            role=administrator,
        ),
        Step(
            _("One story, three mails"),
            _(
                "Below are three phones in three languages with what each mail weighs, with and "
                "without pictures, and its text part. What members alone may read stands in no "
                "outsider’s mail."
            ),
            (Way(_("The three phones"), "#phones"),),
        ),
        Step(
            _("A reader leaves by the button in the mail"),
            _(
                "Open a mail in the mailbox and leave. Programs that look at every link change "
                "nothing. The next mailing says why she did not get it."
            ),
            (mailings,),
            role=administrator,
        ),
        Step(
            _("One tap becomes evidence"),
            _(
                "Three months after a course its people are asked what they use. Send the "
                "question, tap an answer in the mailbox, save, and see the course count one more."
            ),
            (today, Way(_("Joining"), reverse("joining"))),
            role=administrator,
        ),
        Step(
            _("What comes next stands in the timeline"),
            _(
                "The same person’s question after six months is planned, not cancelled: an answer "
                "closes its own question alone."
            ),
            (Way(_("Joining"), reverse("joining")),),
            role=administrator,
        ),
        Step(
            _("The report for a donor"),
            _(
                "Make a link to the report of a project and open it in a private window: how many "
                "were trained, answered and applied it, with small numbers hidden. Then end the "
                "link."
            ),
            (Way(_("Project reports"), reverse("reports")),),
            role=administrator,
        ),
        Step(
            _("Gone in two clicks"),
            _(
                "As an alumnus, press “Hide me now”. Within a minute the name is off the lists, "
                "the search, the bylines and the mails that have not left."
            ),
            (Way(_("Hide me now"), reverse("alumni:hide")),),
        ),
    ]


def _first_list(kind: type[CourseIndexPage]) -> str:
    page = kind.objects.order_by("pk").first()
    return reverse("wagtailadmin_explore", args=[page.pk]) if page else reverse("wagtailadmin_home")
