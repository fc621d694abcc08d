"""Pictures of a story from a member: made small when they come, copied onto its page, taken off."""

from __future__ import annotations

import base64
import dataclasses
import secrets
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext
from wagtail.models import Collection

from alumni.models import User
from cms.models import CountryDesk, Picture, StoryPage, Submission, SubmissionPicture
from cms.models.images import MOST_PIXELS, reduced
from newsletters.sources import Section

MOST = 3
"""Of one story."""
MOST_BYTES = 10 * 1024 * 1024
"""Of one file as it comes; the web server's own limit has to let three of them through."""
LONGEST = 1600
"""Pixels of the longer side as it is kept; some 400 KB."""


def made_small(file: File[Any]) -> bytes:
    """A JPEG of the pixels alone. Raises ValidationError that says what to do."""
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(
            gettext(
                "This picture has more than 10 MB. Choose a smaller one, or send it to yourself in "
                "a chat first: that makes it smaller. The rest of the form is kept."
            )
        )
    try:
        return reduced(file, longest=LONGEST)
    except ValidationError as why:
        if why.code == "pixels":
            raise ValidationError(
                gettext(
                    "This picture has more than %(n)d million pixels. Choose a smaller one, or "
                    "take it again with fewer. The rest of the form is kept."
                )
                % {"n": MOST_PIXELS // 1_000_000}
            ) from why
        raise ValidationError(
            gettext(
                "This file cannot be read as a picture. Choose a photograph in JPEG or PNG. The "
                "rest of the form is kept."
            )
        ) from why


def keep(
    *, row: Submission, place: int, data: bytes | None, words: dict[str, str], removed: bool
) -> None:
    """A new picture, or other words to one that stands there; the author's right was checked."""
    standing = SubmissionPicture.objects.filter(submission=row, place=place)
    if removed and data is None:
        standing.delete()
    elif data is not None:
        # Another file is another picture: whoever was given the old one's address sees nothing.
        standing.delete()
        SubmissionPicture.objects.create(submission=row, place=place, data=data, **words)
    else:
        standing.update(**words)


def onto(page: StoryPage, row: Submission, by: User) -> None:
    """Copies in the library, the first above the text, the others beneath it; not saved yet."""
    desk = CountryDesk.objects.filter(countries__contains=[row.country]).first()
    collection = desk.collection if desk else Collection.get_first_root_node()
    body = [(block.block_type, block.value) for block in page.body]
    for number, kept in enumerate(row.pictures.order_by("place")):
        made = Picture(
            title=row.title,
            file=ContentFile(bytes(kept.data), name=f"{secrets.token_urlsafe(8)}.jpg"),
            description=kept.alt,
            uploaded_by_user=by,
            collection=collection,
        )
        made.save()
        SubmissionPicture.objects.filter(pk=kept.pk).update(picture=made)
        if number == 0:
            page.picture, page.picture_caption = made, kept.caption
        else:
            made.contextual_alt_text, made.decorative = kept.alt, False
            body.append(("picture", {"picture": made, "caption": kept.caption}))
    page.body = body


def take_off(row: Submission) -> None:
    """The copies go from the library, with every size of them that had an address."""
    for picture in Picture.objects.filter(pk__in=row.pictures.values("picture")):
        picture.delete()


def with_files(section: Section, pictures: Iterable[SubmissionPicture]) -> Section:
    """The same with each picture in it, for programs."""
    files = (base64.b64encode(bytes(one.data)).decode() for one in pictures)
    rows = tuple({**row, "jpeg": file} for row, file in zip(section.rows, files, strict=True))
    return dataclasses.replace(section, rows=rows)
