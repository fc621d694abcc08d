"""In: a report in words of one language. Out: the same as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from alumni.followup.readings import Reading, invented


def rows(reading: Reading) -> Iterator[tuple[str, str, str, str]]:
    """The same as a table: part, figure, value, of how many. Hidden ones say so."""
    yield _("Part"), _("Figure"), _("Value"), _("Of")
    if reading.is_invented:
        yield invented(reading), "", "", ""
    yield _("People"), _("Trained"), _shown(reading.people), ""
    for bar in reading.trained:
        yield _("People"), bar.label, _shown(bar.count), _shown(bar.of)
    for country in reading.countries:
        yield _("Countries"), country, "", ""
    for wave in reading.waves:
        answered = _("Answered: %(who)s") % {"who": wave.circle}
        yield wave.name, answered, _shown(wave.answered), _shown(wave.asked)
        for bar in wave.bars:
            yield wave.name, bar.label, _shown(bar.count), _shown(bar.of)
    for bar in reading.barriers:
        yield _("What stands in the way"), bar.label, _shown(bar.count), _shown(bar.of)
    for goal in reading.goals:
        yield _("Targets"), goal.title, goal.value, goal.target
    for told in reading.changes:
        yield _("Changes"), told.kind, told.text, told.by
    for title, address in reading.stories:
        yield _("Stories"), title, address, ""


def _shown(count: int | None) -> str:
    return _("hidden") if count is None else str(count)
