"""The mailbox page: in come addresses, out come the list of mails and each mail's own page."""

from __future__ import annotations

import re
from collections import OrderedDict
from html import escape
from pathlib import Path

from localmail import markup, oneclick
from localmail.exchange import Answer, BadRequest, Request, Route
from localmail.inbox import Inbox
from localmail.mails import Mail

A_PAGE = 50
STATIC = Path(__file__).parent / "static"
STATIC_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Same origin, so that the page can measure the frame; nothing inside can use it without scripts.
MAIL_POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; frame-ancestors 'self'"
)
BEFORE_BASE = [
    re.compile(rf"<{tag}\b[^>]*>", re.IGNORECASE) for tag in ("head", "html", "!doctype")
]
VIEWS = {"html": "HTML", "text": "Text", "headers": "Headers", "source": "Source"}

NOTHING = """<div class="empty"><h2>No mail yet</h2>
<p>Mail comes here when the site sends it: publish a story and let the newsletter fall due, or
subscribe and look for the confirmation. This page shows it the moment it arrives.</p>
<p class="quiet">Whatever sends must use this machine's Mailgun address, <code>{api}</code>,
and the API key that this mailbox was started with.</p></div>"""

NOTHING_FOR = """<div class="empty"><h2>No mail for {to}</h2>
<p>This page shows it the moment it arrives. <a href="/">See everybody’s mail.</a></p></div>"""


class Pages:
    """Answers for people."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self._outcomes: OrderedDict[str, oneclick.Outcome] = OrderedDict()

    def routes(self) -> list[Route]:
        """What is answered where."""
        return [
            ("GET", r"/", self.index),
            ("GET", r"/mails/(?P<mail_id>[\d-]+)", self.show),
            ("GET", r"/mails/(?P<mail_id>[\d-]+)/html", self.html),
            ("POST", r"/mails/(?P<mail_id>[\d-]+)/unsubscribe", self.unsubscribe),
            ("GET", r"/static/(?P<name>mailbox\.(?:css|js))", self.static),
        ]

    def index(self, request: Request) -> Answer:
        """The newest mails first, of everybody or of one person."""
        to = request.query.get("to", "").strip().lower()
        number = max(1, int(request.number("page", 1, 1000)))
        mails, total = self.inbox.find(to=to, most=number * A_PAGE)
        newest = mails[::-1][(number - 1) * A_PAGE :]
        if newest:
            rows = f'<ol class="mails">{markup.mail_rows(newest)}</ol>'
        elif to:
            rows = NOTHING_FOR.format(to=escape(to))
        else:
            host = request.headers.get("host", "127.0.0.1:8001")
            rows = NOTHING.format(api=escape(f"http://{host}/v3"))
        people = self.inbox.people()
        live = f' data-live="{total}" data-to="{escape(to)}"' if number == 1 else ""
        main = f"""<div class="list-page">
<section>
<div class="list-head">
<div><h1>{escape(to) or "All mail"}</h1>
<p class="quiet" id="count" role="status">{markup.count(total)}</p></div>
<form class="filter" action="/" role="search">
<label>Recipient<input name="to" type="search" value="{escape(to)}" autocomplete="off"
 autocapitalize="none" spellcheck="false" dir="ltr"></label>
<button>Show</button>
</form>
</div>
<div id="mails"{live}>{rows}{markup.pages(to, number, more=total > number * A_PAGE)}</div>
</section>
<aside class="people" id="people">{markup.people(people, to)}</aside>
</div>"""
        return _page("The mailbox", main)

    def show(self, request: Request, mail_id: str) -> Answer:
        """One mail: as HTML, as text, its headers or its source."""
        mail = self._mail(mail_id)
        view = request.query.get("view") or ("html" if mail.html else "text")
        if view not in VIEWS:
            raise BadRequest("view is html, text, headers or source.")
        images = request.query.get("images") != "off"
        phone = request.query.get("width") == "phone"
        here = f"/mails/{mail.id}"
        views = [
            (markup.address(here, view=name), words, name == view) for name, words in VIEWS.items()
        ]
        bar = markup.choice("choice", "Part of the mail", views)
        if view == "html":
            bar += _switches(here, images=images, phone=phone)
        return _page(
            mail.subject or "A mail without a subject",
            f"""<a class="back" href="/">All mail</a>
<div class="mail-head">
<h1>{markup.subject(mail)}</h1>
<dl class="facts">
<dt>To</dt><dd><a href="{markup.address("/", to=mail.to)}">{_people(mail, "To")}</a></dd>
<dt>From</dt><dd>{_people(mail, "From")}</dd>
<dt>Received</dt><dd>{markup.moment(mail.received_at, full=True)}</dd>
</dl>
</div>
<div class="mail-page">
<section aria-label="The mail">
<div class="bar">{bar}</div>
<div class="sheet{" is-phone" if phone else ""}">{_part(mail, view, images=images)}</div>
</section>
<aside class="side">{self._leave(mail)}
<section class="panel"><h2>Weight</h2>{markup.scale(mail.html_size)}
<p class="quiet">{markup.weight(len(mail.raw))} in all, with headers and text part.</p></section>
<section class="panel"><h2>Keep it</h2>
<p><a href="/api/messages/{mail.id}/raw" download="mail-{mail.id}.eml">Save as a file</a></p>
</section></aside>
</div>""",
        )

    def html(self, request: Request, mail_id: str) -> Answer:
        """The HTML part alone, for the frame: no scripts, links in a new tab."""
        html = self._mail(mail_id).html
        found = (tag.search(html) for tag in BEFORE_BASE)
        cut = next((tag.end() for tag in found if tag), 0)
        images = "'none'" if request.query.get("images") == "off" else "http: https: data:"
        return Answer(
            f'{html[:cut]}<base target="_blank">{html[cut:]}'.encode(),
            content_type="text/html; charset=utf-8",
            headers={
                "Content-Security-Policy": MAIL_POLICY.format(images=images),
                "Referrer-Policy": "no-referrer",
            },
        )

    def unsubscribe(self, request: Request, mail_id: str) -> Answer:
        """Do what a mail client's button does, then show what came of it."""
        mail = self._mail(mail_id)
        self._outcomes[mail.id] = oneclick.unsubscribe(mail)
        while len(self._outcomes) > 1000:
            self._outcomes.popitem(last=False)
        return Answer(status=303, headers={"Location": f"/mails/{mail.id}"})

    def static(self, request: Request, name: str) -> Answer:
        """The sheet and the script."""
        file = STATIC / name
        return Answer(file.read_bytes(), content_type=STATIC_TYPES[file.suffix])

    def complain(self, refusal: BadRequest) -> Answer:
        """What is wrong, and a way on."""
        return _page(
            refusal.message,
            f'<div class="empty"><h1>{escape(refusal.message)}</h1>'
            f'<p><a href="/">See all mail.</a></p></div>',
            refusal.status,
        )

    def _leave(self, mail: Mail) -> str:
        outcome = self._outcomes.get(mail.id)
        if not oneclick.address_of(mail):
            words = '<p class="quiet">This mail has no one-click way out: it is no newsletter.</p>'
        elif outcome is not None and outcome.left:
            words = f'<p class="good" role="status">Left. {escape(outcome.words)}</p>'
            words += (
                '<p class="quiet">For technicians: the List-Unsubscribe address answered '
                f"{outcome.status}.</p>"
            )
        else:
            words = (
                f'<form method="post" action="/mails/{mail.id}/unsubscribe">'
                '<button class="act">Leave with one click</button></form>'
                '<p class="quiet">Does what the button of a mail client does: one POST to the '
                "mail’s List-Unsubscribe address, without cookies.</p>"
            )
            if outcome is not None:
                words += f'<p class="bad" role="status">{escape(outcome.words)}</p>'
        return f'<section class="panel"><h2>Leave this list</h2>{words}</section>'

    def _mail(self, mail_id: str) -> Mail:
        mail = self.inbox.get(mail_id)
        if mail is None:
            raise BadRequest("There is no such mail.", 404)
        return mail


def _page(title: str, main: str, status: int = 200) -> Answer:
    return Answer(
        markup.page(title, main),
        status,
        "text/html; charset=utf-8",
        # Not no-referrer: a form would then be posted with the origin of a stranger.
        {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "same-origin"},
    )


def _people(mail: Mail, header: str) -> str:
    return ", ".join(markup.person(name, address) for name, address in mail.people(header))


def _switches(here: str, *, images: bool, phone: bool) -> str:
    shown = {"images": "" if images else "off", "width": "phone" if phone else ""}
    width, pictures = (
        [(markup.address(here, **{**shown, name: value}), words, value == shown[name])
         for value, words in options]
        for name, options in (
            ("width", (("", "Desk"), ("phone", "Phone"))),
            ("images", (("", "Pictures"), ("off", "No pictures"))),
        )
    )  # fmt: skip
    return (
        f'<div class="switches">{markup.choice("switch width", "Width", width)}'
        f"{markup.choice('switch', 'Pictures', pictures)}</div>"
    )


def _part(mail: Mail, view: str, *, images: bool) -> str:
    if view == "headers":
        return markup.header_table(mail.headers)
    if view == "source":
        source = escape(mail.raw.decode(errors="replace"))
        return f'<pre class="source" dir="ltr" tabindex="0">{source}</pre>'
    if view == "text":
        text = escape(mail.text) or "This mail has no text part."
        return f'<pre dir="auto" tabindex="0">{text}</pre>'
    if not mail.html:
        return "<pre>This mail has no HTML part.</pre>"
    source = markup.address(f"/mails/{mail.id}/html", images="" if images else "off")
    return (
        f'<iframe src="{source}" title="The mail as it looks" referrerpolicy="no-referrer" '
        'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )
