"""What an editor looks at before readers do: the bytes of a mail, as kind and unkind programs show
them. `Look` is the screen's, the others stand in Wagtail's preview panel, which has the sizes.
"""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from cms import mailings
from cms.models import Manuscript
from newsletters.markup import direction
from newsletters.pipeline import written
from newsletters.pipeline.written import Proof
from newsletters.proofs import without_keys

HTML, TEXT, NO_PICTURES, DARK, AT_RISK = "", "text", "no-pictures", "dark", "at-risk"
MODES = (
    (HTML, _("The mail")),
    (TEXT, _("As plain text")),
    (NO_PICTURES, _("With pictures off")),
    (DARK, _("In the dark")),
    (AT_RISK, _("For a reader at risk: the plain name")),
)
PICTURE = re.compile(r'(<img\b[^>]*?\ssrc=")[^"]*(")')
IN_THE_DARK = "@media (prefers-color-scheme:dark)"
LINES = (
    '<!doctype html><html lang="{language}" dir="{direction}"><meta charset="utf-8">'
    "<title>{subject}</title><style>pre{{max-width:72ch;margin:24px auto;padding:0 16px;"
    "white-space:pre-wrap;overflow-wrap:anywhere;font:16px/1.6 ui-monospace,monospace}}</style>"
    "<pre>{text}</pre></html>"
)


def shown(manuscript: Manuscript, mode: str) -> HttpResponse:
    """A language of a mailing in one of the modes, as it stands in the form."""
    proof = written.proof(
        mailings.as_written(manuscript),
        newsletter=manuscript.dispatch.newsletter,
        discreet=mode == AT_RISK,
    )
    response = HttpResponse(page(proof, mode))
    # A mail carries its styles in itself; the site's policy would take them away.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


def page(proof: Proof, mode: str) -> str:
    """The mail's own HTML with nobody's keys in it; its text as a page of its own."""
    mail = without_keys(proof.mail)
    if mode == TEXT:
        return LINES.format(
            language=proof.language,
            direction=direction(proof.language),
            subject=escape(proof.subject),
            text=escape(mail.text),
        )
    if mode == NO_PICTURES:
        return PICTURE.sub(r"\1data:,\2", mail.html)
    if mode == DARK:
        return mail.html.replace(IN_THE_DARK, "@media all")
    return mail.html
