"""What was told of a project: its stories, and the mailings that carried them with its line."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cms.models import StoryPage
from newsletters.models import Fragment, Issue


def told(project: str, since: dt.date) -> dict[str, Any]:
    """Public stories that came out of a project's courses, and how many mailings told of them.

    `{"stories": [{"titles": {language: title}, "addresses": {language: url}}], "mailings": n}`,
    oldest first.
    """
    pages = (
        StoryPage.objects.live()
        .filter(course_run__project__slug=project, alias_of=None, audience="public")
        .filter(first_published_at__date__gte=since)
        .select_related("locale")
        .order_by("first_published_at", "pk")
        .defer_streamfields()
    )
    stories: dict[str, dict[str, Any]] = {}
    for page in pages:
        story = stories.setdefault(page.entry_key, {"titles": {}, "addresses": {}})
        story["titles"][page.locale.language_code] = page.title
        story["addresses"][page.locale.language_code] = page.address
    names = [f"{key}@{language}" for key, story in stories.items() for language in story["titles"]]
    mailings = (
        Fragment.objects.filter(entry__in=names, issue__state=Issue.State.DONE)
        .values("issue")
        .distinct()
        .count()
    )
    return {"stories": list(stories.values()), "mailings": mailings}
