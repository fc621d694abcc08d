"""In: a step's code and a course run. Out: the mail that asks, in every language of the site."""

from __future__ import annotations

from html import escape

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from alumni.followup.rounds import Round, rounds
from alumni.followup.survey import survey
from alumni.models import CourseRun
from newsletters.sources import PersonalLink, Written


def written(reference: str) -> list[Written]:
    """`<step>:<course run>` in every language; nothing for what is not asked."""
    code, _colon, slug = reference.partition(":")
    one = next((one for one in rounds() if one.code == code), None)
    run = CourseRun.objects.select_related("course").filter(slug=slug).first()
    if one is None or run is None:
        return []
    return [_in(language, one, run) for language, _name in settings.LANGUAGES]


def _in(language: str, one: Round, run: CourseRun) -> Written:
    question, wave = survey().questions[0], one.wave
    names = settings.PACK.name_of
    with override(language):
        words = {
            "wave": names(wave.names, language),
            "course": str(run.title),
            "month": date_format(run.ends_on, "YEAR_MONTH_FORMAT"),
        }
        subject = gettext("A reminder: did you use the course at work?")
        if not one.number:
            subject = gettext("%(wave)s: did you use the course at work?") % words
        preheader = gettext("One question about “%(course)s”. One tap answers it.") % words
        paragraphs = [
            gettext("In %(month)s you took part in “%(course)s”.") % words,
            gettext(
                "Tap one answer: a page opens with it chosen, and one button there saves it. "
                "Only named staff of the centre read it; reports count answers and name nobody."
            ),
        ]
        if one.number:
            paragraphs.insert(
                1, gettext("You have not answered yet. “Not yet” is an answer that helps, too.")
            )
    asked = names(question.titles, language)
    purpose = f"answer:{run.slug}:{wave.code}"
    return Written(
        language=language,
        subject=subject,
        preheader=preheader,
        html="".join(f"<p>{escape(line)}</p>" for line in paragraphs) + f"<h2>{escape(asked)}</h2>",
        text="\n\n".join([*paragraphs, asked]),
        links=tuple(
            PersonalLink(names(answer.names, language), f"{purpose}:{answer.code}")
            for answer in question.answers
        ),
    )
