"""The ten minutes of a demonstration, in sentences with the way to each screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from alumni.vocabulary import language_now
from cms.demo import ready, ways
from cms.demo.ready import ReadyStory

PASSWORD = "come in and look"  # noqa: S105 (printed for everyone to read)
"""Everyone's password on a demonstration machine; where one is forced, a random one instead."""


@dataclass(frozen=True)
class Way:
    """A button."""

    label: str
    url: str
    aside: bool = False
    """In a tab of its own: this page is still needed."""

    @property
    def is_inside(self) -> bool:
        """Whether one has to be signed in for it."""
        return self.url.startswith((reverse("wagtailadmin_home"), reverse("alumni:me")))


@dataclass(frozen=True)
class Step:
    """One thing to try."""

    title: str
    text: str
    ways: tuple[Way, ...]
    """The first leads to where it begins."""
    sees: str = ""
    """What stands on the screen at its end."""
    role: str = ""
    """As whom its buttons open."""
    address: str = ""
    """Whose sign-in it takes; empty where everybody may, or whoever looks has it already."""
    ready: ReadyStory | None = None
    """Texts to copy."""


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


def steps(mailbox: str = "", visitor: str = "") -> list[Step]:
    """In the order in which they make sense; `mailbox` is the address of the mailbox page.

    `visitor` is the address of whoever looks: a step for another one says whose it takes.
    """
    whose: dict[str, str] = {}
    for one in colleagues():
        whose.setdefault(one.role, one.address)
    needed = {role: address for role, address in whose.items() if address != visitor}
    if visitor == whose.get(_("administrator")):
        needed.pop(_("editor"), None)  # an administrator may do what an editor may
    return [replace(step, address=needed.get(step.role, "")) for step in _written(mailbox, whose)]


def _written(mailbox: str, whose: dict[str, str]) -> list[Step]:
    today = Way(_("Today"), reverse("wagtailadmin_home"))
    mailings = Way(_("Mailings"), reverse("mailings"))
    joining = Way(_("Joining"), reverse("joining"))
    question = Way(_("The course and its answers"), ways.question() or reverse("joining"))
    leaver = ways.leaver()
    hider = ways.hider(whose.get(_("alumnus"), ""))
    administrator, text = _("administrator"), ready.story()
    beside, hers = [], []
    if mailbox:
        beside = [Way(_("The mailbox (in a new tab)"), mailbox, True)]
        to = f"{mailbox}?to={quote(leaver)}"
        hers = [Way(_("The mails to this reader (in a new tab)"), to, True)]
    return [
        Step(
            _("A course has ended: bring in its people"),
            _(
                "Import a roster: the page offers an invented list with a broken date and two "
                "people on one mailbox. Mend the date, import, print the slips."
            ),
            (today, Way(_("Import a roster"), reverse("rosters:start")), joining),
            sees=_("a sheet of slips, each with a code of its own."),
            role=administrator,
        ),
        Step(
            _("Somebody joins by phone"),
            _(
                "Type the code of a slip and an address (any will do: its mails come to the "
                "mailbox), confirm it, and choose who may find you. Meanwhile the course’s page "
                "under Joining counts who has joined by itself; press “This is the person” there."
            ),
            (Way(_("Type a code"), reverse("alumni:slip")), *beside),
            sees=_("that who has joined is a member."),
        ),
        Step(
            _("A story in one language, told in three"),
            _told(text),
            (
                Way(_("Write the story (in a new tab)"), reverse("stories:choose_parent"), True),
                Way(_("Countries"), f"/{language_now()}/countries/"),
                Way(_("The course it grew from"), ways.course(language_now())),
            ),
            sees=_("the story on its country’s page, in each of its languages."),
            role=_("editor"),
            ready=text,
        ),
        Step(
            _("The digest leaves"),
            _("Look at it as three readers, send it, and watch until everybody is accounted for."),
            (*_where(_("Look at the digest"), ways.digest()), today, mailings),
            sees=_("“sent”, and figures that add up to as many people as the button named."),
            role=administrator,
        ),
        Step(
            _("One story, three mails"),
            _(
                "Three phones below: each mail’s weight, with and without pictures, its text part. "
                "“Your reading” in the mailbox is for a reader who wants no subject to give "
                "anything away."
            ),
            (Way(_("The three phones"), "#phones"),),
            sees=_(
                "the same story in each reader’s language; what is for members, in a member’s mail "
                "alone."
            ),
        ),
        Step(
            _("A reader leaves by the button in the mail"),
            _(
                "In the newest mail to %(reader)s press “Leave with one click”. (A virus scanner "
                "that opens every link changes nothing.) Publish another story, send the next "
                "digest, open its mailing and ask: “Why did, or didn’t, this person get it?”"
            )
            % {"reader": leaver},
            (
                *hers,
                *_where(_("The story that waits"), ways.waiting_story()),
                *_where(_("The next digest"), ways.digest()),
                mailings,
            ),
            sees=_("“Left on …, by the button in the mail.”"),
            role=administrator,
        ),
        Step(
            _("One tap becomes evidence"),
            _(
                "Three months after a course its people are asked what they use. Send the "
                "question, tap an answer in any of its mails, save."
            ),
            (question, today, *beside),
            sees=_("one answer more on the course’s screen, without loading it again."),
            role=administrator,
        ),
        Step(
            _("What comes next stands in the timeline"),
            _(
                "The same person’s question after six months is planned, not cancelled: an answer "
                "closes its own question alone."
            ),
            (question,),
            sees=_("“planned” in the column of the next question, in the row of whoever answered."),
            role=administrator,
        ),
        Step(
            _("The report for a donor"),
            _(
                "Make the report and a link to it, and open the link in a private window: who was "
                "trained, answered and applied it, with small numbers hidden. Then end the link."
            ),
            (Way(_("Project reports"), reverse("reports")),),
            sees=_("that the link leads nowhere any more."),
            role=administrator,
        ),
        Step(
            _("Gone in two clicks"),
            _(
                "Press “Hide me now”. Within a minute the name is off the lists, "
                "the search, the bylines and the mails that have not left."
            ),
            (Way(_("Hide me now"), reverse("alumni:hide")),),
            sees=_("no hit when the member of step 2 looks for %(name)s.") % {"name": hider},
            role=_("alumnus"),
        ),
    ]


def _told(text: ReadyStory | None) -> str:
    if text is None:
        return _("Publish a story. Its country grows darker on the map.")
    words = _(
        "Publish the story in %(language)s with its short translations. Its country grows darker "
        "on the map."
    ) % {"language": text.language}
    if text.texts[0].direction == "rtl":
        words += " " + _("Its page reads from right to left.")
    return words


def _where(label: str, url: str) -> list[Way]:
    return [Way(label, url)] if url else []
