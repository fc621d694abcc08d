"""A day to be kept: a call's deadline or a course, as a calendar file (RFC 5545).

What is in it stands on the page too; nobody's name or address is in it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from cms.audiences import Viewer
from cms.models import CoursePage, UpdatePage

LONGEST_LINE = 75
"""Octets, without the end of the line."""
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Day:
    """Whole days in a calendar."""

    key: UUID
    """The same in every language and after every change: a calendar then mends what it has."""
    title: str
    text: str
    address: str
    first: dt.date
    last: dt.date
    changed_at: dt.datetime
    place: str = ""
    public: bool = True


def day_of(key: UUID, *, user: Viewer, language: str) -> Day | None:
    """The day of this call or course, where the person may read its page and it has a day."""
    call = (
        UpdatePage.objects.visible_to(user)
        .written_in(language)
        .filter(translation_key=key, deadline__isnull=False)
        .first()
    )
    if call is not None and call.deadline is not None:
        return Day(
            key=key,
            title=gettext("Last day: %(title)s") % {"title": call.title},
            text=call.standfirst,
            address=call.address,
            first=call.deadline,
            last=call.deadline,
            changed_at=call.last_published_at or timezone.now(),
            public=call.is_public,
        )
    courses = CoursePage.objects.visible_to(user).written_in(language)
    course = courses.filter(translation_key=key).select_related("course_run").first()
    if course is None:
        return None
    run = course.course_run
    return Day(
        key=key,
        title=course.title,
        text=course.standfirst,
        address=course.address,
        first=run.starts_on,
        last=run.ends_on,
        changed_at=course.last_published_at or timezone.now(),
        place=run.place.in_language(language),
        public=course.is_public,
    )


def written(day: Day) -> bytes:
    """The file: folded lines, each ended by CR and LF."""
    host = urlsplit(settings.SITE_URL).hostname
    changed = day.changed_at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    about = f"{day.text}\n{day.address}"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{host}//calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{day.key}@{host}",
        f"DTSTAMP:{changed}",
        f"LAST-MODIFIED:{changed}",
        f"DTSTART;VALUE=DATE:{day.first:%Y%m%d}",
        # The day after: the end of whole days is no part of them.
        f"DTEND;VALUE=DATE:{day.last + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(day.title)}",
        f"DESCRIPTION:{_text(about)}",
        *([f"LOCATION:{_text(day.place)}"] if day.place else []),
        f"URL:{day.address}",
        "TRANSP:TRANSPARENT",
        *([] if day.public else ["CLASS:CONFIDENTIAL"]),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _text(value: str) -> str:
    """A text of any kind as the format takes it; an end of line in it begins no line of its own."""
    plain = UNSEEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    for sign in ("\\", ";", ","):
        plain = plain.replace(sign, f"\\{sign}")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """No more than 75 octets in a line, and no letter cut in two."""
    lines, now = [], b""
    for letter in line:
        encoded = letter.encode()
        if len(now) + len(encoded) > LONGEST_LINE:
            lines.append(now)
            now = b" "
        now += encoded
    return b"\r\n".join([*lines, now])
