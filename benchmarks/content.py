"""Both promises the engine is kept by, for the benchmark: 35 entries, one written issue.

Everything exists in all four languages and is public. The words do not matter, their number does.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from benchmarks import people
from newsletters.sources import LIVE, Elsewhere, Entry, Interest, Text, Written

FIRST = dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC)
REFERENCE = "bench"
SITE = "https://network.example.org"
PARAGRAPHS = 8

TITLES = {
    "en": "How one district brought every caller a second contact ({})",
    "fr": "Comment un district a rappelé chaque personne une deuxième fois ({})",
    "ar": "كيف ضمنت إحدى المقاطعات تواصلًا ثانيًا مع كل متصل ({})",
    "pt": "Como um distrito garantiu a cada pessoa um segundo contacto ({})",
}
STANDFIRSTS = {
    "en": "Two nurses and a shared telephone turned a list of names into a service. What they "
    "changed in the first month, what it cost, and what they would do otherwise today.",
    "fr": "Deux infirmières et un téléphone partagé ont fait d’une liste de noms un service. Ce "
    "qu’elles ont changé le premier mois, ce que cela a coûté, et ce qu’elles feraient autrement.",
    "ar": "ممرضتان وهاتف مشترك حوّلتا قائمة أسماء إلى خدمة. ما الذي غيّرتاه في الشهر الأول، وكم كلّف "
    "ذلك، وما الذي كانتا ستفعلانه اليوم بطريقة أخرى.",
    "pt": "Duas enfermeiras e um telefone partilhado fizeram de uma lista de nomes um serviço. O "
    "que mudaram no primeiro mês, quanto custou e o que fariam hoje de outra maneira.",
}


def entries(
    since: dt.datetime, until: dt.datetime, *, at: dt.datetime | None = None
) -> list[Entry]:
    """All of them, whenever it is asked: newest first."""
    made = [
        Entry(
            key=f"story-{number:02}",
            kind="story",
            texts=tuple(_text(number, language) for language in people.LANGUAGES),
            interests=interests | {"all"},
        )
        for number, interests in enumerate(people.entry_interests())
    ]
    return made[::-1]


def closing(now: dt.datetime, until: dt.date) -> list[Entry]:
    """No calls."""
    return []


def written(reference: str) -> list[Written]:
    """A letter of some 700 words in each language."""
    return [
        Written(
            language=language,
            subject=TITLES[language].format(1),
            preheader=standfirst[:100],
            html="".join(_paragraph(language, number) for number in range(PARAGRAPHS)),
            text=f"{standfirst} {standfirst}\n{SITE}/{language}/\n\n" * PARAGRAPHS,
        )
        for language, standfirst in STANDFIRSTS.items()
    ]


def interests(language: str) -> list[Interest]:
    """What can be followed; no page of the benchmark asks."""
    codes = people.COUNTRIES + people.TOPICS
    return [Interest(code, code, code.partition(":")[0]) for code in codes]


def narrow(readers: Any, criteria: dict[str, Any]) -> Any:
    """Everyone may read everything."""
    return readers


def due(step: dict[str, Any], day: dt.date) -> Any:
    """No plan follows a course here."""
    raise NotImplementedError


def personal_link(subscriber_id: int, purpose: str) -> str | None:
    """Nobody has pages of their own."""
    return None


def standing(path: str) -> str:
    """All is there."""
    return LIVE


def _text(number: int, language: str) -> Text:
    return Text(
        language=language,
        title=TITLES[language].format(number + 1),
        standfirst=STANDFIRSTS[language],
        url=f"{SITE}/{language}/stories/story-{number:02}/",
        mailable_at=FIRST + dt.timedelta(hours=number),
        kicker="Iceland",
    )


def _paragraph(language: str, number: int) -> str:
    words = STANDFIRSTS[language]
    return (
        f"<h2>{TITLES[language].format(number + 1)}</h2><p>{words} {words} "
        f'<a href="{SITE}/{language}/stories/story-{number:02}/">{SITE}/{language}/</a></p>'
    )


def elsewhere(reader: Any) -> Elsewhere:
    """Nothing is kept elsewhere."""
    return Elsewhere()


def forget(reader: Any, language: str) -> None:
    """Nothing is kept elsewhere."""


def looked(readers: Any, *, how: str, detail: str, by: Any) -> None:
    """Nobody looks."""
