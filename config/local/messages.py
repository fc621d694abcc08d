"""The interface's sentences in every language: `make extract`.

In: the tree's Python and templates. Out: locale/<language>/LC_MESSAGES/django.po, where a sentence
of the tree stands once, translations are kept and sentences that left the tree are dropped. Needs
no GNU gettext. `make messages` compiles them. What a translator has to know: docs/translating.md.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config.local.folders import ROOT

LANGUAGES = ("ar", "fr", "pt")
"""Those with a whole catalogue; English is what stands in the tree."""
OF_THE_PUBLIC = ("es",)
"""Those in which visitors, readers and members are spoken to, and the editing side is not."""
PUBLIC = (
    *(f"templates/{name}" for name in ("40", "500", "account/", "base", "cms/", "components/")),
    *(f"templates/{name}" for name in ("emails/", "newsletters/")),
    *(f"templates/alumni/_{name}" for name in ("courses", "followup.", "found_", "newsletters")),
    *(f"templates/alumni/_{name}" for name in ("pages", "relay", "who_may")),
    *(f"templates/alumni/{name}" for name in ("certificate.html", "dead_link", "join", "me")),
    *(f"templates/alumni/{name}" for name in ("followup_", "no_profile", "relay_", "rights_")),
    *(f"templates/alumni/directory{name}" for name in (".", "_course", "_enough", "_pos", "_seen")),
    *(f"templates/alumni/doors_{name}" for name in ("asked", "dead", "invitation", "slip")),
    *(f"templates/alumni/doors_{name}" for name in ("other", "shared", "too")),
    *("alumni/directory/", "alumni/privacy/consents.py", "alumni/relay/", "alumni/appearance.py"),
    *(f"alumni/followup/{name}" for name in ("forms", "mails", "views")),
    *(f"alumni/joining/{name}" for name in ("doors.", "forms", "mailbox")),
    *(f"alumni/models/{name}.py" for name in ("followup", "profiles")),
    *(
        f"cms/{name}"
        for name in ("audiences", "contexts/", "digest", "facets", "feeds", "languages")
    ),
    *(f"cms/{name}" for name in ("models/resources", "models/submissions", "models/updates")),
    *(
        f"cms/{name}"
        for name in ("page_entries", "search.", "submission_forms", "submission_pictures")
    ),
    *(f"cms/{name}" for name in ("submission_views", "views")),
    *("alumni/entering_forms.py", "alumni/forms.py", "config/settings/base.py"),
    "newsletters/forms.py",
    *("newsletters/announcements.py", "newsletters/interests.py", "newsletters/pipeline/"),
    "newsletters/consents.py",
)
"""Where the sentences of a public catalogue stand, but for the folders named admin."""
PACKAGES = ("alumni", "cms", "config", "newsletters")
TEMPLATES = (ROOT / "templates",)
KEYWORDS = {
    name + lazy: places
    for lazy in ("", "_lazy")
    for name, places in {
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
} | {"_": None, "gettext_noop": None}
PLURALS = {
    # The six of CLDR in its order: none, one, two, a few (3-10), many (11-99), hundreds.
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
    "n%100>=11 ? 4 : 5);",
    "fr": "nplurals=2; plural=(n > 1);",
    "pt": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
}
HEADER = """\
# The interface in {name}: see docs/translating.md.
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def sentences() -> Catalog:
    """Every translatable sentence of the tree, with the files it stands in."""
    found = Catalog(charset="utf-8")
    for path in sources():
        text = path.read_text()
        if path.suffix != ".py":
            text = _as_python(text, path)
        place = path.relative_to(ROOT).as_posix()
        lines = babel_extract("python", io.BytesIO(text.encode()), KEYWORDS, ["Translators:"])
        for _line, sentence, comments, context in lines:
            found.add(sentence, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def wanted(language: str) -> Iterator[Message]:
    """What a catalogue of this language holds: all, or what the public meets."""
    for message in sentences():
        if message.id and (language not in OF_THE_PUBLIC or _is_public(message)):
            yield message


def _is_public(message: Message) -> bool:
    places = [place for place, _line in message.locations]
    return any(place.startswith(PUBLIC) and "/admin/" not in place for place in places)


def sources() -> Iterator[Path]:
    """The files that may hold sentences, in a lasting order."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    for folder in TEMPLATES:
        yield from sorted(path for path in folder.rglob("*.*") if path.is_file())


def catalogue(language: str) -> Catalog:
    """What is written in the language's file; an empty catalogue when there is none yet."""
    if not path_of(language).exists():
        return _empty(language)
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def extract(language: str) -> Catalog:
    """The language's catalogue brought up to the tree: new sentences empty, old ones gone."""
    now, known = _empty(language), catalogue(language)
    for message in wanted(language):
        before = known.get(message.id, message.context)
        if before and before.pluralizable != message.pluralizable:
            before = None
        now.add(
            message.id,
            string=before.string if before else "",
            locations=message.locations,
            auto_comments=message.auto_comments,
            user_comments=before.user_comments if before else (),
            context=message.context,
        )
    return now


def write(catalog: Catalog) -> None:
    """Put a catalogue into its file, in an order that two branches seldom fight about."""
    language = catalog.locale_identifier or ""
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    name = Locale.parse(language).english_name
    body = io.BytesIO()
    write_po(body, catalog, 100, omit_header=True, sort_by_file=True, include_lineno=False)
    header = HEADER.format(name=name, code=language, plurals=PLURALS[language])
    path_of(language).write_text(header + body.getvalue().decode())


def compile_stale() -> None:
    """Compile the catalogues that are newer than their compiled form; safe to run at any time."""
    for language in (*LANGUAGES, *OF_THE_PUBLIC):
        source = path_of(language)
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Written beside and moved: another process may be reading the old one.
        with tempfile.NamedTemporaryFile(dir=source.parent, suffix=".mo", delete=False) as file:
            write_mo(file, catalogue(language))
        Path(file.name).chmod(0o644)
        Path(file.name).replace(compiled)


def path_of(language: str) -> Path:
    """Where the language's catalogue stands."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def main() -> int:
    """Bring all catalogues up to the tree; 1 when something is left to translate."""
    if sys.argv[1:] == ["compile"]:
        compile_stale()
        return 0
    if sys.argv[1:] != ["extract"]:
        print("python -m config.local.messages extract|compile", file=sys.stderr)
        return 2
    lacking = 0
    for language in (*LANGUAGES, *OF_THE_PUBLIC):
        catalog = extract(language)
        write(catalog)
        empty = [message for message in catalog if message.id and not all(forms(message))]
        lacking += len(empty)
        print(f"{language}: {len(catalog)} sentences, {len(empty)} to translate")
    return 1 if lacking else 0


def forms(message: Message) -> tuple[str, ...]:
    """A translation as its forms: one, or as many as the language counts by."""
    string = message.string
    return (string,) if isinstance(string, str) else tuple(string or ())


def _empty(language: str) -> Catalog:
    catalog = Catalog(locale=language, charset="utf-8", fuzzy=False)
    catalog.mime_headers = [("Plural-Forms", PLURALS[language])]
    return catalog


def _as_python(template: str, path: Path) -> str:
    """A template as the calls Python would make, without the indents Python would count."""
    calls = templatize(template, origin=str(path))
    return "\n".join(line.lstrip() for line in calls.split("\n"))


if __name__ == "__main__":
    sys.exit(main())
