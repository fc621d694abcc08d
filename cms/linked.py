"""What a page tells machines that show it elsewhere: schema.org data and Open Graph.

Only of pages that everyone may read, and never who wrote them: copies that machines keep do not
follow a member who no longer wants to be named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from cms.models import (
    Content,
    CoursePage,
    HomePage,
    ProgrammePage,
    ProjectPage,
    ResourcePage,
    StoryPage,
    UpdatePage,
)

PREVIEW = "format-jpeg|fill-960x480"
"""One of the sizes that the pages show anyway."""
RESOURCES: dict[str, str] = {
    ResourcePage.Kind.PUBLICATION: "Report",
    ResourcePage.Kind.TOOL: "CreativeWork",
    ResourcePage.Kind.MATERIAL: "LearningResource",
}
"""What schema.org calls each kind."""
IN_A_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Told:
    """A page in the words of machines."""

    kind: str
    """The type in Open Graph."""
    title: str
    text: str
    address: str
    picture: str
    """An absolute address, or nothing."""
    alt: str
    data: SafeString
    """JSON that can stand in a script element: data there is not run, so the policy lets it be."""


def of(page: Any) -> Told | None:
    """Of any page of ours (cms.models.shown); None for one that is not for everyone."""
    if not page.is_public:
        return None
    picture = getattr(page, "picture", None)
    shown = f"{_absolute(picture.get_rendition(PREVIEW).url)}" if picture else ""
    data = _data(page) | {
        "@context": "https://schema.org",
        "name": page.title,
        "description": page.standfirst,
        "url": page.address,
        "inLanguage": page.locale.language_code,
    }
    return Told(
        kind="article" if isinstance(page, StoryPage) else "website",
        title=page.title,
        text=page.standfirst,
        address=page.address,
        picture=shown,
        alt=picture.description if picture else "",
        data=_in_a_script(data | ({"image": shown} if shown else {})),
    )


def _data(page: Any) -> dict[str, Any]:
    if not isinstance(page, Content):
        return {"@type": "WebSite" if isinstance(page, HomePage) else "WebPage"}
    if isinstance(page, StoryPage):
        return {
            "@type": "Article",
            "headline": page.title,
            "author": _centre(page),
            "publisher": _centre(page),
            "mainEntityOfPage": page.address,
            **_moment("datePublished", page.first_published_at),
            **_moment("dateModified", page.last_published_at),
        }
    if isinstance(page, CoursePage):
        run = page.course_run
        place = run.place.in_language(page.locale.language_code)
        return {
            "@type": "EducationEvent",
            "startDate": run.starts_on.isoformat(),
            "endDate": run.ends_on.isoformat(),
            "organizer": _centre(page),
            **({"location": {"@type": "Place", "name": place, "address": place}} if place else {}),
        }
    if isinstance(page, ProjectPage):
        return _project(page)
    if isinstance(page, ProgrammePage):
        return {"@type": "CollectionPage", "publisher": _centre(page)}
    if isinstance(page, ResourcePage):
        return {
            "@type": RESOURCES[page.kind],
            "publisher": _centre(page),
            **_moment("datePublished", page.first_published_at),
        }
    if isinstance(page, UpdatePage) and page.kind == UpdatePage.Kind.COURSE:
        return {"@type": "Course", "provider": _centre(page)}
    offered = {"@type": "CreativeWork", "publisher": _centre(page)}
    if isinstance(page, UpdatePage) and page.deadline:
        offered["expires"] = page.deadline.isoformat()
    return offered


def _project(page: ProjectPage) -> dict[str, Any]:
    project, language = page.project, page.locale.language_code
    donor = project.donor.in_language(language)
    return {
        "@type": "Project",
        "parentOrganization": _centre(page),
        **({"funder": {"@type": "Organization", "name": donor}} if donor else {}),
        **({"foundingDate": project.starts_on.isoformat()} if project.starts_on else {}),
        **({"dissolutionDate": project.ends_on.isoformat()} if project.ends_on else {}),
    }


def _centre(page: Any) -> dict[str, str]:
    pack = settings.PACK
    name = pack.name_of(pack.centre_name, page.locale.language_code)
    return {"@type": "Organization", "name": name, "url": settings.SITE_URL}


def _moment(name: str, moment: Any) -> dict[str, str]:
    return {name: moment.isoformat()} if moment else {}


def _absolute(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else f"{settings.SITE_URL}{url}"


def _in_a_script(data: dict[str, Any]) -> SafeString:
    """No sign of it can end the element, or begin another."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(IN_A_SCRIPT))  # noqa: S308
