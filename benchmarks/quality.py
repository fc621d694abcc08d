"""Pages as Lighthouse's phone and the W3C's checker see them, mails as mail programs show them:
`python -m benchmarks.quality`.

Starts the demonstration as production serves it, looks, prints a table, stops everything. Fails
with a plain reason when a page is below what is promised.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import psycopg

from benchmarks import lighthouse, markup, support
from benchmarks.lighthouse import Page
from config.local import browser, demo, folders, steps, supervisor
from config.local.mailbox import Mailbox
from config.local.processes import LocalError
from config.local.site import Site, free_ports
from config.local.steps import step
from config.local.supervisor import Stopped, Supervisor
from config.local.visitor import DOORS, OWN, Answer, Visitor, written_out

VAR = folders.ROOT / "var"
TOOLS = Path(__file__).with_name("node")
LANGUAGES = "en", "ar"
"""One for each direction: the templates are the same in all."""
KINDS = "countries", "stories", "courses"
LOOKS = "lighthouse", "html", "mail"
NOTE = (
    "* The directory and what a search found are for no search machine, on purpose: Lighthouse is"
    " not asked whether they may be listed."
)


def main() -> int:
    """Look and report; 1 when something is below its target or stopped us."""
    parser = ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("only", nargs="?", choices=LOOKS, help="one of them")
    asked = parser.parse_args()
    supervisor.stop_on_signals()
    found: list[str] = []
    try:
        tools = Tools(asked.only)
        port, mail_port = free_ports(2)
        site = Site(VAR / "pages", port, mail_port, scratch=True)
        with site.held():
            site.empty()
            with supervisor.running(site) as (processes, words):
                found = _look(processes, words, tools, asked.only)
            site.empty()
    except LocalError as error:
        steps.complain(error)
        return 1
    except Stopped:
        print("\nStopped.", flush=True)
        return 130
    print("\n".join(["", *found]) if found else "\nEverything is as promised.", flush=True)
    return 1 if found else 0


class Tools:
    """What looks: found on this machine, the packages installed into var as the lock file says."""

    def __init__(self, only: str | None) -> None:
        chromium = browser.find()
        lacking = [name for name in ("node", "npm") if shutil.which(name) is None]
        if only in {None, "lighthouse"} and chromium is None:
            lacking.append("chromium")
        if only in {None, "html"} and shutil.which("java") is None:
            lacking.append("default-jre-headless")
        if lacking:
            raise LocalError(f"This needs what is not here: apt install {' '.join(lacking)}")
        self.chromium = chromium or Path()
        place = VAR / "pages-tools"
        self.lighthouse = place / "node_modules" / ".bin" / "lighthouse"
        self.checker = place / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
        self.support = place / "node_modules" / "caniemail" / "data" / "caniemail.json"
        self._install(place)

    def _install(self, place: Path) -> None:
        lock = (TOOLS / "package-lock.json").read_text()
        done = place / ".of"
        if done.exists() and done.read_text() == lock:
            return
        with step("installing Lighthouse, the HTML checker and what mail programs show"):
            place.mkdir(parents=True, exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(TOOLS / name, place / name)
            # Their own scripts would fetch a browser and a Java; this machine's are used.
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            ran = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            if ran.returncode:
                raise LocalError(f"npm did not install:\n{(ran.stderr or ran.stdout)[-600:]}")
        done.write_text(lock)


def _look(processes: Supervisor, words: str, tools: Tools, only: str | None) -> list[str]:
    found = []
    if only in {None, "mail"}:
        found += _mails(processes, tools)
    if only != "mail":
        found += _all_pages(processes, words, tools, only)
    return found


def _mails(processes: Supervisor, tools: Tools) -> list[str]:
    """Every mail that the demonstration sends, in all its languages."""
    demo.send_first_digest(processes)
    mails = [mail.html for mail in Mailbox(processes.site.mail_url).mails()]
    if not mails:
        raise LocalError("The demonstration has sent no mail.")
    with step(f"looking at {len(mails)} mails as mail programs show them"):
        found = support.look(mails, data=tools.support)
    print(f"\n{_in_columns(support.table(found))}\n", flush=True)
    return [fault for one in found for fault in one.faults()]


def _all_pages(processes: Supervisor, words: str, tools: Tools, only: str | None) -> list[str]:
    stranger, member = Visitor(processes.site.url), Visitor(processes.site.url)
    member.sign_in(*_sign_in_of_a_member(words))
    with step("fetching every kind of page"):
        pages = _pages(processes, stranger, member)
    print(f"  {len(pages)} pages in {len(LANGUAGES)} languages", flush=True)
    found = []
    if only != "lighthouse":
        with step("looking at their HTML"):
            wrong = markup.faults(pages, jar=tools.checker, folder=VAR / "pages-html")
        found += wrong
    if only != "html":
        looks = []
        for page in _six(stranger, member, pages):
            with step(f"Lighthouse, {page.name}, {lighthouse.RUNS} times"):
                looks.append(
                    lighthouse.look(
                        page, tool=tools.lighthouse, chromium=tools.chromium, folder=VAR / "pages"
                    )
                )
        print(f"\n{_in_columns(lighthouse.table(looks))}\n\n{NOTE}", flush=True)
        found += [fault for one in looks for fault in one.faults()]
    return found


def _pages(processes: Supervisor, stranger: Visitor, member: Visitor) -> list[Answer]:
    """Every page of the tree and of the doors for a stranger, then a member's own."""
    with psycopg.connect(processes.environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT reader.key FROM newsletters_subscriber reader JOIN newsletters_subscription x"
            " ON x.subscriber_id = reader.id AND x.state = 'confirmed' ORDER BY reader.id LIMIT 1"
        ).fetchone()
    if row is None:
        raise LocalError("The demonstration has no confirmed reader.")
    mails = [f"/n/{verb}/{row[0]}/" for verb in ("p", "u")]
    public = [*stranger.tree(*LANGUAGES), *written_out(DOORS, *LANGUAGES), *mails]
    seen = [stranger.get(path) for path in public]
    answers = [*seen, *stranger.linked(seen, *LANGUAGES)]
    own = [member.get(path) for path in written_out(OWN, *LANGUAGES)]
    answers += own
    for _step in range(2):  # a member's page leads to the one for writing to them
        answers += member.linked(answers, *LANGUAGES)
    if broken := [one.address for one in answers if one.status >= 500 or one.kind != "text/html"]:
        raise LocalError(f"These are no pages: {', '.join(broken)}")
    return answers


def _six(stranger: Visitor, member: Visitor, pages: Sequence[Answer]) -> list[Page]:
    """Home, the longest page of each kind, a search that finds something, the directory."""
    longest = {kind: _longest(kind, pages) for kind in KINDS}
    title = re.search(r"<h1>([^<]+)</h1>", longest["stories"].text)
    word = max((title[1] if title else "").split(), key=len)
    site = stranger.site
    return [
        Page("home", f"{site}/en/"),
        Page("country", site + longest["countries"].address),
        Page("story", site + longest["stories"].address),
        Page("course", site + longest["courses"].address),
        Page("search", f"{site}/en/search/?q={word}", listed=False),
        Page("directory", f"{site}/en/members/", listed=False, cookie=member.cookie_header()),
    ]


def _longest(kind: str, pages: Sequence[Answer]) -> Answer:
    some = [page for page in pages if re.fullmatch(rf"/en/{kind}/[^/]+/", page.address)]
    return max(some, key=lambda page: len(page.text))


def _sign_in_of_a_member(words: str) -> tuple[str, str]:
    """The first who is no staff, by what the demonstration says of its sign-ins."""
    password = re.search(r"Password of all sign-ins: (.+)", words)
    people = re.findall(r"\S+@\S+", words)
    if not password or not people:
        raise LocalError(f"The demonstration names no sign-ins:\n{words}")
    return people[-1], password[1].strip()


def _in_columns(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple(f"{'':->{width - 1}}:" for width in widths))
    lines = (map(str.rjust, row, widths) for row in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
