"""The screen that tells what became of a mailing: figures for reading and for printing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from newsletters import figures
from newsletters.admin_views import Mailings, Screen
from newsletters.figures import Beside, Share
from newsletters.small_cells import LEAST_PUBLIC

HEIGHT, BAR, APART = 60, 24, 40
"""Of the drawing, in its own units: how high, how wide a bar, from bar to bar."""


@dataclass(frozen=True)
class Drawn:
    """A bar of a chart: nothing where the share is hidden."""

    x: int
    y: int
    height: int
    is_known: bool


@dataclass(frozen=True)
class Chart:
    """Shares of the latest mailings as bars, oldest first."""

    title: str | Promise
    top: str
    bars: tuple[Drawn, ...]

    @property
    def width(self) -> int:
        return APART * len(self.bars)

    @property
    def height(self) -> int:
        return HEIGHT


class Report(Screen, DetailView):
    """What became of a mailing; whoever may see the mailing may see it."""

    queryset = Mailings.queryset.select_related("follows__newsletter")
    template_name = "newsletters/admin/report.html"
    page_title = _("Report")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.beneath(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = figures.of(self.object, get_language() or "en")
        return super().get_context_data(**kwargs) | {
            "figures": found,
            "least": LEAST_PUBLIC,
            "splits": [(_("Where it went"), found.went), (_("What its readers did"), found.did)],
            "charts": [
                _chart(_("Arrived"), [one.arrived for one in found.beside], whole=100.0),
                _chart(_("Left"), [one.left for one in found.beside], whole=1.0),
            ],
            "beside": [_in_words(one) for one in found.beside],
        }


def _chart(title: Promise, shares: Sequence[Share], *, whole: float) -> Chart:
    """The top is so many per cent, or what the highest bar needs."""
    top = max([whole, *(share.percent for share in shares if share.percent is not None)])
    bars = []
    for number, share in enumerate(shares):
        height = round(HEIGHT * (share.percent or 0) / top)
        x = number * APART + (APART - BAR) // 2
        bars.append(Drawn(x, HEIGHT - height, height, share.is_known))
    return Chart(title, _percent(top), tuple(bars))


def _in_words(one: Beside) -> tuple[Beside, str, str]:
    return one, _percent(one.arrived.percent), _percent(one.left.percent)


def _percent(percent: float | None) -> str:
    if percent is None:
        return ""
    rounded = round(percent, 1)
    return f"{number_format(rounded, 0 if rounded.is_integer() else 1)} %"
