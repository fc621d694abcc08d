"""What is said of each fault: whole sentences that tell an editor what to do.

A code is kept where a mailing stops, so that its sentence is read in the language of the page.
"""

from __future__ import annotations

from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Severity = Literal["block", "warn"]
Fault = tuple[str, str]
"""A code of SENTENCES, and the words, address or number that it speaks of."""

BLOCK: dict[str, Promise] = {
    "subject_missing": _("Write a subject: a mail without one is taken for spam."),
    "subject_broken": _(
        "A line break or an invisible sign stands in the subject. Write it anew, on one line."
    ),
    "placeholder": _(
        "“%(words)s” looks like a place to be filled in, and nothing fills it. Write what belongs "
        "there."
    ),
    "merge": _(
        "“%(words)s” is a sign that the mail service would fill something into. Take it out."
    ),
    "unfinished": _(
        "“%(words)s” marks a place that is not finished. Finish it, or take the mark out."
    ),
    "left_over": _(
        "A part of the mail's frame was not filled in (%(words)s). Do not send it; tell whoever "
        "looks after this site."
    ),
    "control": _("An invisible sign stands after “%(words)s”. Delete the place and type it anew."),
    "size": _(
        "The mail weighs %(words)s KB. From 100 KB on it is cut off, and the way to unsubscribe "
        "with it: shorten it, or take a story out."
    ),
    "link_broken": _(
        "A link leads to “%(words)s”, which is no whole address. Write it with https:// and the "
        "name of the site."
    ),
    "link_insecure": _("A link leads to %(words)s without encryption. Write it with https://."),
    "link_trial": _(
        "A link leads to %(words)s, where only we can look. Put in the address that everybody has."
    ),
    "link_shortened": _(
        "A link goes by way of %(words)s. Filters distrust what hides where it leads: put in the "
        "address of the page itself."
    ),
    "link_draft": _(
        "A link leads to %(words)s, a page that is not published. Publish it, or take the link out."
    ),
    "image_elsewhere": _(
        "A picture comes from %(words)s, which would learn who reads the mail. Upload it here."
    ),
    "image_tracker": _("A picture too small to be seen would spy on readers. Take it out."),
    "active": _(
        "The mail holds what no mail program shows safely (%(words)s). Take it out, or tell "
        "whoever looks after this site."
    ),
    "no_sender": _(
        "The mail does not say who sends it. Do not send it; tell whoever looks after this site."
    ),
    "no_postal": _(
        "The postal address is missing below the mail, and the law asks for it. Write it into the "
        "newsletter's settings."
    ),
    "no_why": _(
        "The mail does not say why it comes to the reader. Do not send it; tell whoever looks "
        "after this site."
    ),
    "no_unsubscribe": _(
        "The way to unsubscribe is missing. Do not send it; tell whoever looks after this site."
    ),
    "no_preferences": _(
        "The way to the reader's choices is missing. Do not send it; tell whoever looks after "
        "this site."
    ),
    "no_thanks": _(
        "“%(words)s” is missing: the project's agreement asks for this sentence beside the story. "
        "Put it in."
    ),
}
"""Because of these, a mail does not leave."""

WARN: dict[str, Promise] = {
    "subject_short": _(
        "The subject is short (characters: %(words)s). Say in at least 10 what the mail is about."
    ),
    "subject_long": _(
        "The subject is long (characters: %(words)s). Inboxes cut it off after 78: say it briefly."
    ),
    "subject_loose": _(
        "“%(words)s” may stand in the wrong place of the subject in an inbox that reads from right "
        "to left. Tell whoever looks after this site."
    ),
    "preheader_short": _(
        "The line after the subject is short (characters: %(words)s). Write at least 40, or an "
        "inbox fills it up with what comes next."
    ),
    "preheader_long": _(
        "The line after the subject is long (characters: %(words)s). Inboxes show 110 at most."
    ),
    "preheader_place": _(
        "The line after the subject is not the first thing in the mail, or is a link. Tell whoever "
        "looks after this site."
    ),
    "heavy": _(
        "The mail weighs %(words)s KB. Up to 30 opens quickly everywhere, and from 100 on it is "
        "cut off: could it be shorter?"
    ),
    "line_long": _(
        "A word or an address is too long for a line of mail (it begins “%(words)s”). Put a space "
        "into it, or take it out."
    ),
    "link_dead": _("A link leads to %(words)s, where no page is. Look whether it is right."),
    "link_away": _(
        "A link leads to %(words)s, and its words do not say so. Name the other site in its words."
    ),
    "link_silent": _("A link to %(words)s has no words. Write into it where it leads."),
    "link_generic": _(
        "A link says only “%(words)s”. Say where it leads, for those who hear links without the "
        "text around them."
    ),
    "link_twice": _(
        "Two links say “%(words)s” and lead to different places. Give each words of its own."
    ),
    "link_low": _(
        "“%(words)s” is hard to hit with a finger. Give the link a line of its own, or words "
        "around it."
    ),
    "text_link": _(
        "The plain text lacks the address %(words)s. Tell whoever looks after this site."
    ),
    "text_heading": _(
        "The plain text lacks the heading “%(words)s”. Tell whoever looks after this site."
    ),
    "image_alt": _(
        "A picture has no text for those who do not see it (%(words)s). Write what it shows."
    ),
    "one_title": _(
        "The mail should have one title at its top, no more and no less. Tell whoever looks after "
        "this site."
    ),
    "heading_order": _(
        "The heading “%(words)s” leaves out a level. Choose the larger heading for it."
    ),
    "direction": _(
        "A part of the mail does not say its language and direction. Tell whoever looks after "
        "this site."
    ),
    "one_sided": _(
        "A part of the mail is set for reading from left to right. Tell whoever looks after this "
        "site."
    ),
    "table": _(
        "A table of the layout would be read aloud as one. Tell whoever looks after this site."
    ),
    "small": _("“%(words)s” is set too small to read. Tell whoever looks after this site."),
    "faint": _(
        "“%(words)s” is too pale on its ground to read. Tell whoever looks after this site."
    ),
    "no_browser": _(
        "The way to read the mail in a browser is missing. Tell whoever looks after this site."
    ),
}
"""These an editor should mend, or know."""


def severity(code: str) -> Severity:
    """Whether a mail with this fault may leave."""
    return "block" if code in BLOCK else "warn"


def sentence(code: str, words: str) -> str:
    """What is said of it, in the language of the moment; of a code of old, its words alone."""
    return str((BLOCK | WARN).get(code, "%(words)s")) % {"words": words}
