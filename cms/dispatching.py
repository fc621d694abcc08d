"""What editors do with a mailing they write: add a language, look at what is in the way, send a
test, propose, approve. The rights stand at the screens; the engine's verbs hold the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from alumni import vocabulary
from alumni.models import User
from cms import mailings, places
from cms.models import Dispatch, Manuscript
from newsletters import approving, proofs, proposals, publishing
from newsletters.approving import CannotPropose
from newsletters.checks import Finding
from newsletters.models import Issue
from newsletters.pipeline import editions, sealing
from newsletters.pipeline.written import Reach

WITHOUT_WORDS = {"story", "newest", "call", "divider", "acknowledgement"}
"""Blocks that a new language begins with: they say the same in each."""


@dataclass(frozen=True)
class Look:
    """What a colleague should know before the mailing is proposed."""

    reach: Reach
    complete: tuple[str, ...]
    """Languages in which it is written."""
    findings: tuple[Finding, ...]

    @property
    def blocks(self) -> list[Finding]:
        """What has to be mended first."""
        return [one for one in self.findings if one.severity == "block"]

    @property
    def warns(self) -> list[Finding]:
        """What is worth a thought."""
        return [one for one in self.findings if one.severity != "block"]


def add_language(dispatch: Dispatch, language: str) -> Manuscript:
    """Its words in a language, to be written; with the stories and calls of the first one."""
    first = dispatch.manuscripts.order_by("pk").first()
    kept = []
    if first is not None:
        kept = [
            (block.block_type, block.value)
            for block in first.body
            if block.block_type in WITHOUT_WORDS
        ]
    found, _is_new = Manuscript.objects.get_or_create(
        dispatch=dispatch, language=language, defaults={"body": kept}
    )
    return found


def look(dispatch: Dispatch) -> Look:
    """Everything at once: whom it reaches, what is written, what is in the way."""
    rows = list(dispatch.manuscripts.order_by("pk"))
    complete = [row for row in rows if row.is_complete]
    languages = [row.language for row in complete]
    reach = proposals.reach(dispatch.plan, languages)
    found = [finding for row in complete for finding in mailings.findings(row)]
    found += proposals.findings(dispatch.plan, [mailings.as_written(row) for row in complete])
    found += _missing(dispatch, reach, rows, languages)
    found.sort(key=lambda one: one.severity != "block")
    return Look(reach, tuple(languages), tuple(found))


def propose(dispatch: Dispatch, *, by: User) -> Issue:
    """Seal what stands now. Raises CannotPropose with the sentence that says what to mend."""
    with transaction.atomic():
        # What it tells of is taken down before this, or finds it: never in between.
        publishing.hold_publishers()
        # The words and the audience are saved under the same lock: nothing changes meanwhile.
        own = Dispatch.objects.select_for_update(no_key=True, of=("self",))
        found = own.select_related("newsletter").filter(pk=dispatch.pk).first()
        if found is None:
            raise CannotPropose(gettext("It was deleted meanwhile."))
        dispatch = found
        for row in dispatch.manuscripts.order_by("pk"):
            if row.is_complete:
                blocking = [one for one in mailings.findings(row) if one.severity == "block"]
                if blocking:
                    raise CannotPropose(blocking[0].text)
        return approving.propose(dispatch.plan, by=by)


def approve(issue: Issue, dispatch: Dispatch, *, by: User) -> Issue:
    """Set it on its way; colleagues are told where they can stop it."""
    place = settings.SITE_URL + reverse("dispatch", args=[dispatch.key])
    return approving.approve(issue, by=by, url=lambda _issue: place)


def differing(dispatch: Dispatch, issue: Issue) -> list[str]:
    """Languages in which it would read otherwise now than what was proposed.

    Its words cannot, but what it tells of can be edited, and so can the newsletter's own name.
    """
    rows = [row for row in dispatch.manuscripts.order_by("pk") if row.is_complete]
    written = [mailings.as_written(row) for row in rows]
    made = proposals.proofs_of(dispatch.plan, written, key=issue.key)
    sealed = {one.language: one for one in issue.editions.filter(discreet=False)}
    return [
        proof.language
        for proof in made
        if proof.language not in sealed or editions.mail(sealed[proof.language]) != proof.mail
    ]


def sender_differs(issue: Issue) -> str:
    """The sentence for when it would come from another address or list than was proposed."""
    return approving.sender_sentence() if sealing.broken(issue) == sealing.SENDER else ""


def send_tests(dispatch: Dispatch, *, to: Iterable[str]) -> int:
    """Each complete language to each address, as it stands now; how many mails."""
    rows = [row for row in dispatch.manuscripts.order_by("pk") if row.is_complete]
    made = proposals.proofs_of(dispatch.plan, [mailings.as_written(row) for row in rows])
    addresses = list(to)
    with transaction.atomic():
        return sum(proofs.send_test(proof, to=addresses) for proof in made)


def _missing(
    dispatch: Dispatch, reach: Reach, rows: list[Manuscript], complete: list[str]
) -> list[Finding]:
    """Languages that are not written, with how many read them first and what those get."""
    found: list[Finding] = []
    if not complete:
        text = gettext("No language is finished: write subject, line after it and text in one.")
        return [Finding("nothing_written", "block", text, "")]
    begun = {row.language for row in rows}
    for language, _name in settings.LANGUAGES:
        people = reach.first[language]
        if language in complete or not (people or language in begun):
            continue
        name = places.language_name(language, vocabulary.language_now())
        text = ngettext(
            "%(language)s is not written: %(n)d person of the audience reads it first.",
            "%(language)s is not written: %(n)d people of the audience read it first.",
            people,
        ) % {"language": name, "n": people}
        found.append(Finding("language_missing", "warn", f"{text} {_fate(dispatch)}", ""))
    if dispatch.fallback and dispatch.fallback not in complete:
        text = gettext("The language for readers of other languages is not finished.")
        found.append(Finding("fallback_missing", "block", text, dispatch.fallback))
    return found


def _fate(dispatch: Dispatch) -> str:
    if not dispatch.fallback:
        return gettext("Whoever reads none of its languages gets nothing.")
    words = gettext("Whoever reads none of its languages gets it in %(language)s.")
    return words % {"language": places.language_name(dispatch.fallback, vocabulary.language_now())}
