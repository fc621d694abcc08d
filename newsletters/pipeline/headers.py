"""In: a newsletter, a language, what a mail tells. Out: what an inbox shows of it unopened.

Subject, preheader, sender and the headers of a list; discreet ones have the plain name alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.header import Header
from hashlib import sha256
from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext, override

from newsletters import archive
from newsletters.markup import (
    PREHEADER_LENGTH,
    SUBJECT_LENGTH,
    clean,
    clip,
    harmless,
    isolate,
    one_line,
)
from newsletters.sources import Text
from newsletters.typeset import house

if TYPE_CHECKING:
    from newsletters.models import Newsletter

QUOTING = r'["\\]'


def subject(*, newsletter: Newsletter, texts: Sequence[Text], language: str, discreet: bool) -> str:
    """The first title in the reader's language and how many more; without one, the name.

    A title in another language would make the line half of each. A discreet one has the plain
    name and the number.
    """
    wording = newsletter.wording(language)
    titles = [clean(text.title) for text in texts if text.language == language]
    with override(language):
        if discreet or not titles:
            line = ngettext("%(name)s: %(count)d new item", "%(name)s: %(count)d new items",
                            len(texts))  # fmt: skip
            name = wording.plain_name if discreet else wording.name
            lead, values = "name", {"name": clean(name), "count": len(texts)}
        elif len(texts) > 1:
            line = ngettext("%(title)s, and %(count)d more", "%(title)s, and %(count)d more",
                            len(texts) - 1)  # fmt: skip
            lead, values = "title", {"title": titles[0], "count": len(texts) - 1}
        else:
            short = len(titles[0]) < SUBJECT_LENGTH.start
            line = gettext("%(name)s: %(title)s") if short else "%(title)s"
            lead = "name" if short else "title"
            values = {"name": clean(wording.name), "title": titles[0]}
    return _fitted(line, values, lead, language)


def silent_subject(*, newsletter: Newsletter, language: str, discreet: bool) -> str:
    """Of a mail to whoever follows what was silent for long."""
    wording = newsletter.wording(language)
    name = clean(wording.plain_name if discreet else wording.name)
    with override(language):
        return _fitted(
            gettext("%(name)s: nothing new in what you follow"), {"name": name}, "name", language
        )


def preheader(
    *, newsletter: Newsletter, texts: Sequence[Text], language: str, discreet: bool
) -> str:
    """The line an inbox shows after the subject: the other titles that the reader's language has.

    Never an entry's text.
    """
    titles = [harmless(text.title) for text in texts if text.language == language][1:]
    with override(language):
        sentence = ngettext(
            "There is %(count)d new item for you, to read whenever it suits you.",
            "There are %(count)d new items for you, to read whenever it suits you.",
            len(texts),
        ) % {"count": len(texts)}
        if not discreet and titles:
            also = gettext("Also in this issue: %(titles)s") % {"titles": " · ".join(titles)}
            sentence = also if len(also) >= PREHEADER_LENGTH.start else f"{also} · {sentence}"
    return isolate(clip(sentence, PREHEADER_LENGTH.stop - 10), language)


def sender(*, newsletter: Newsletter, language: str, discreet: bool) -> str:
    """The From line: the network and its address; a discreet one has the plain name."""
    plain_name = newsletter.wording(language).plain_name
    name = harmless(plain_name if discreet else house(language)["network_name"])
    return one_line(f'"{re.sub(QUOTING, "", name)}" <{newsletter.from_email}>')


def list_headers(
    *, newsletter: Newsletter, language: str, discreet: bool, unsubscribe_url: str
) -> dict[str, str]:
    """The headers of bulk mail, in ASCII; a discreet one says neither subject nor network."""
    wording = newsletter.wording(language)
    label, name = newsletter.list_id, wording.name
    feedback = newsletter.slug
    if discreet:
        feedback = "n" + sha256(newsletter.slug.encode()).hexdigest()[:8]
        label, name = f"{feedback}.{label.partition('.')[2] or label}", wording.plain_name
    headers = {
        "List-Id": f"{_phrase(name)} <{label}>",
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": f"<{archive.address(newsletter, language)}>",
        "List-Owner": f"<mailto:{newsletter.reply_to}>",
        "List-Post": "NO",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": f"{feedback}:{newsletter.kind}:{language}:rabita",
    }
    return {name: one_line(value) for name, value in headers.items()}


def _fitted(line: str, values: dict[str, object], lead: str, language: str) -> str:
    """The line with its leading words clipped until the whole fits a subject."""
    most = SUBJECT_LENGTH.stop
    while True:
        clipped = values | {lead: clip(str(values[lead]), most)}
        fitted = isolate(harmless(line % clipped), language)
        if len(fitted) < SUBJECT_LENGTH.stop:
            return fitted
        most -= 1


def _phrase(name: str) -> str:
    """A display phrase for List-Id: quoted ASCII, or an encoded word."""
    name = clip(harmless(name), 40)
    if name.isascii():
        return f'"{re.sub(QUOTING, "", name)}"'
    return Header(name, "utf-8").encode(linesep="")
