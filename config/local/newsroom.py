"""What an editor would do, for a site that runs without a person: publish, let it fall due.

`python -m config.local.newsroom VERB` in the environment of a site; it prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import django

django.setup()

# Models exist only from here on.
from django.utils import timezone  # noqa: E402
from django.utils.text import slugify  # noqa: E402

from cms.models import StoryIndexPage, StoryPage  # noqa: E402
from newsletters import schedule, tasks  # noqa: E402
from newsletters.models import (  # noqa: E402
    Frequency,
    Newsletter,
    Subscription,
    not_to_be_mailed,
)
from newsletters.sources import EVERYTHING  # noqa: E402

LANGUAGE = "en"


def publish(*, title: str, country: str) -> dict[str, Any]:
    """A public story about a country, live; with it, who is to get it with the weekly digest."""
    story = StoryPage(
        title=title,
        slug=slugify(title),
        standfirst="A short account of what changed in one office after the course.",
        countries=[country],
        body=[("paragraph", "<p>The new form is filled in on the first day.</p>")],
    )
    StoryIndexPage.objects.get(locale__language_code=LANGUAGE).add_child(instance=story)
    story.save_revision().publish()
    readers = (
        Subscription.objects.confirmed()
        .exclude(paused_until__gt=timezone.now())
        .filter(
            frequency=Frequency.WEEKLY,
            newsletter__kind=Newsletter.Kind.DIGEST,
            interests__overlap=[EVERYTHING, f"country:{country}"],
            subscriber__languages__contains=[LANGUAGE],
        )
        .exclude(not_to_be_mailed())
    )
    addresses = sorted(readers.values_list("subscriber__address", flat=True))
    return {"url": story.full_url, "readers": addresses}


def send(*, rhythm: Sequence[str] | None = None) -> dict[str, Any]:
    """Every rhythm of every digest, or these alone, fall due now, and the bell rings at once."""
    digests = Newsletter.objects.filter(kind=Newsletter.Kind.DIGEST)
    rhythms = rhythm or Frequency.values
    rows = sum(schedule.bring_forward(newsletter, rhythms=rhythms) for newsletter in digests)
    tasks.send_due.delay()
    return {"rows": rows}


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m config.local.newsroom", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    publishing = verbs.add_parser("publish", help="put a story on line")
    publishing.add_argument("--title", required=True)
    publishing.add_argument("--country", required=True)
    sending = verbs.add_parser("send", help="let everything fall due and ring")
    sending.add_argument("--rhythm", action="append", choices=Frequency.values)
    asked = vars(parser.parse_args(words))
    known: dict[str, Callable[..., dict[str, Any]]]
    known = {"publish": publish, "send": send}
    done = known[asked.pop("verb")](**asked)
    print(json.dumps(done))
    return 0


if __name__ == "__main__":
    sys.exit(main())
