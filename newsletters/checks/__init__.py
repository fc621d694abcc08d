"""What an editor should know of a mail before it leaves: the lengths of its two first lines.

In: a mail as rendered, still with the places of a reader's keys. Out: findings, each a sentence
that says what to do; with one that blocks, the mail must not leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext

if TYPE_CHECKING:
    from newsletters.models import Newsletter
    from newsletters.pipeline.render import Rendered

Severity = Literal["block", "warn"]
SUBJECT_LENGTH = range(10, 79)
PREHEADER_LENGTH = range(40, 111)
"""Characters that an inbox shows whole, and that say enough."""


@dataclass(frozen=True)
class Finding:
    """One fault of a mail, as its editor reads it."""

    code: str
    severity: Severity
    text: str
    language: str
    """Of the mail it was found in."""


def of_mail(
    mail: Rendered, *, subject: str, preheader: str, language: str, newsletter: Newsletter
) -> list[Finding]:
    """Everything an editor should mend or know, what blocks first."""
    found = []
    if not subject.strip():
        found.append(Finding("no_subject", "block", gettext("It has no subject."), language))
    elif len(subject) not in SUBJECT_LENGTH:
        words = gettext("The subject has %(n)d characters; 10 to 78 are read whole.")
        found.append(Finding("subject_length", "warn", words % {"n": len(subject)}, language))
    if len(preheader) not in PREHEADER_LENGTH:
        words = gettext("The line after the subject has %(n)d characters; 40 to 110 are best.")
        found.append(Finding("preheader_length", "warn", words % {"n": len(preheader)}, language))
    return found
