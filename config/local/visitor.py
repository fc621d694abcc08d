"""An ordinary visitor of a running site: fetches pages, signs in, knows where every kind stands."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urlsplit

DOORS = (
    "/{l}/accounts/login/",
    "/{l}/accounts/login/code/",
    "/{l}/accounts/signup/",
    "/{l}/accounts/password/reset/",
    "/{l}/members/slip/",
    "/{l}/members/invitation/",
    "/{l}/members/invitation/nothing-here/",
    "/{l}/members/answer/nothing-here/",
    "/{l}/newsletters/",
    "/{l}/newsletters/subscribe/",
    "/{l}/newsletters/asked/",
    "/{l}/newsletters/link/",
    "/{l}/certificates/",
    "/{l}/search/",
    "/{l}/search/?q=zzzz",
    "/{l}/nothing-here/",
    "/n/c/nothing-here/",
)
"""What anybody can open and no page of the tree is; errors, too."""
OWN = (
    "/{l}/members/",
    "/{l}/members/me/",
    "/{l}/members/me/hide/",
    "/{l}/members/me/data/",
    "/{l}/members/me/data/erase/",
    "/{l}/members/me/posts/",
    "/{l}/members/me/changes/",
    "/{l}/members/me/stories/",
    "/{l}/members/stories/new/",
    "/{l}/members/messages/",
    "/{l}/accounts/email/",
    "/{l}/accounts/password/change/",
    "/{l}/accounts/2fa/",
    "/{l}/accounts/2fa/totp/activate/",
    "/{l}/accounts/2fa/webauthn/",
    "/{l}/accounts/sessions/",
    "/{l}/accounts/logout/",
)
"""What a member opens who is signed in."""
HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PLACE = re.compile(r"<loc>([^<]+)</loc>")
LINK = re.compile(r'<a [^>]*href="(/[^"#?]*)')
WORDS = {part for path in (*DOORS, *OWN) for part in path.split("/")}
"""What stands for itself in an address; anything else is the name or key of one thing."""
OF_A_KIND = 2


@dataclass(frozen=True)
class Answer:
    """One page as it came."""

    address: str
    status: int
    kind: str
    text: str


@dataclass
class Visitor:
    """Somebody with a browser of their own at the site with this address."""

    site: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str) -> Answer:
        """The page, whatever its status; redirects are followed."""
        return self._ask(path)

    def post(self, path: str, **values: str) -> Answer:
        """Send a form as its page has it."""
        token = HIDDEN.search(self.get(path).text)
        sent = {"csrfmiddlewaretoken": token[1] if token else "", **values}
        return self._ask(path, urlencode(sent).encode())

    def sign_in(self, address: str, password: str) -> None:
        """By the form; ValueError when the site does not let them in."""
        answer = self.post("/en/accounts/login/", login=address, password=password)
        if not answer.address.startswith("/en/members/"):
            raise ValueError(f"{address} was not let in: {answer.status} {answer.address}")

    def cookie_header(self) -> str:
        """The cookies as another browser has to send them."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)

    def tree(self, *languages: str) -> list[str]:
        """The paths of all pages that the sitemap lists, with one topic's, in these languages."""
        paths = [urlsplit(place).path for place in PLACE.findall(self.get("/sitemap.xml").text)]
        return [path for path in paths if path.split("/")[1] in languages]

    def linked(self, pages: Sequence[Answer], *languages: str) -> list[Answer]:
        """What these pages link to and are not themselves, two of each kind of address."""
        seen = {page.address for page in pages}
        kinds = Counter(kind(address) for address in seen)
        found = []
        for path in dict.fromkeys(link for page in pages for link in LINK.findall(page.text)):
            known = path in seen or kinds[kind(path)] >= OF_A_KIND
            if known or path.split("/")[1] not in languages:
                continue
            kinds[kind(path)] += 1
            found.append(self.get(path))
        return [page for page in found if page.kind == "text/html"]

    def _ask(self, path: str, sent: bytes | None = None) -> Answer:
        address = self.site + path
        request = urllib.request.Request(address, sent, {"Referer": address})  # noqa: S310 (ours)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        answer: Any
        try:
            answer = opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            parts = urlsplit(answer.url)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            kind = answer.headers.get_content_type()
            return Answer(path, answer.status, kind, answer.read().decode(errors="replace"))


def kind(path: str) -> tuple[str, ...]:
    """The address without the names of single things: what one view answers."""
    language, first, *rest = path.strip("/").split("/") + [""]
    return language, first, *(part if part in WORDS else "*" for part in rest)


def written_out(paths: tuple[str, ...] | list[str], *languages: str) -> list[str]:
    """The paths for each language; what has none stands once."""
    every = [path.replace("{l}", language) for language in languages for path in paths]
    return list(dict.fromkeys(every))
