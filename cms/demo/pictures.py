"""Quiet geometric covers, drawn here: a composition's name in, the bytes of a PNG out.

Every composition is drawn from the same few shapes in the site's palette; the same name always
gives the same picture.
"""

from __future__ import annotations

from collections.abc import Callable

from cms.demo import gatherings, papers, places
from cms.demo.sheets import Sheet

COMPOSITIONS: dict[str, Callable[[], Sheet]] = {
    "arcade": places.arcade,
    "canopy": places.canopy,
    "confluence": places.confluence,
    "correspondence": papers.correspondence,
    "doorways": places.doorways,
    "dunes": places.dunes,
    "envelope": papers.envelope,
    "handover": gatherings.handover,
    "horizon": places.horizon,
    "islands": places.islands,
    "mobile": gatherings.mobile,
    "nest": gatherings.nest,
    "notices": papers.notices,
    "questions": gatherings.questions,
    "recital": papers.recital,
    "roundtable": gatherings.roundtable,
    "tally": papers.tally,
    "trace": papers.trace,
    "weave": gatherings.weave,
}


def draw(composition: str) -> bytes:
    """The picture of this name; KeyError for a name that is not in COMPOSITIONS."""
    return COMPOSITIONS[composition]().png()
