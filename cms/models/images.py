"""Pictures: drawn again from their pixels before they are kept, under a name that says nothing."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import Image as Pixels
from PIL import ImageCms, ImageOps, UnidentifiedImageError
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    WagtailImageField,
    WagtailImageFieldFile,
    get_upload_to,
)

MOST_PIXELS = 25_000_000
KEPT = {"JPEG": ("JPEG", "jpg"), "PNG": ("PNG", "png")}
"""What an upload is kept as; every other raster format becomes WebP, cheap to decode again."""


def redrawn(content: File[Any]) -> ContentFile[Any]:
    """The picture's pixels and nothing else: no EXIF, XMP, GPS, comment, profile, further frame.

    Raises ValidationError for what is no raster picture or has more than 25 megapixels.
    """
    upright, source_form = _upright(content)
    form, extension = KEPT.get(source_form, ("WEBP", "webp"))
    return ContentFile(_bare(upright, form), name=f"{secrets.token_urlsafe(16)}.{extension}")


def reduced(content: File[Any], *, longest: int) -> bytes:
    """The same as a JPEG with no side above `longest` pixels. Raises ValidationError."""
    upright, _form = _upright(content)
    if upright.mode == "RGBA":
        ground = Pixels.new("RGBA", upright.size, "white")
        upright = Pixels.alpha_composite(ground, upright)
    upright.thumbnail((longest, longest))
    return _bare(upright, "JPEG")


def _upright(content: File[Any]) -> tuple[Pixels.Image, str]:
    """The picture as it is looked at, and what it was kept as."""
    content.seek(0)
    try:
        with Pixels.open(content) as source:
            if source.width * source.height > MOST_PIXELS:
                raise ValidationError(
                    _("The picture has more than 25 million pixels."), code="pixels"
                )
            return _in_srgb(ImageOps.exif_transpose(source)), source.format or ""
    except (UnidentifiedImageError, Pixels.DecompressionBombError, OSError, SyntaxError) as error:
        raise ValidationError(_("This file is not a picture that can be read.")) from error


def _bare(upright: Pixels.Image, form: str) -> bytes:
    """Only pixels are pasted: Pillow's own save() would carry comments and XMP from `info`."""
    if form == "JPEG":
        upright = upright.convert("RGB")
    bare = Pixels.new(upright.mode, upright.size)
    bare.paste(upright)
    written = io.BytesIO()
    bare.save(written, form, quality=90)
    return written.getvalue()


def _in_srgb(image: Pixels.Image) -> Pixels.Image:
    """The same colours without the profile, which may name a device and its owner."""
    target = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            drawn = ImageCms.profileToProfile(
                image, described, ImageCms.createProfile("sRGB"), outputMode=mode
            )
            image = drawn or image
        except (ImageCms.PyCMSError, OSError):
            pass  # an unreadable profile: the colours stay as they are written
    return image.convert(target)


class PictureFile(WagtailImageFieldFile):
    """Whichever way a file is given to a picture, it comes through here."""

    def save(self, name: str, content: File[Any], save: bool = True) -> None:
        """Redraw, then store, and note size and hash of what was stored."""
        drawn = redrawn(content)
        fingerprint = hashlib.sha1(drawn.read(), usedforsecurity=False).hexdigest()
        super().save(drawn.name, drawn, save=False)
        self.instance.file_size = drawn.size
        self.instance.file_hash = fingerprint
        if save:
            self.instance.save()


class PictureField(WagtailImageField):
    """The image column with the cleaning in it."""

    attr_class = PictureFile


class Picture(AbstractImage):
    """A picture of the site. Its text for those who do not see it stands in `description`."""

    file = PictureField(
        verbose_name=_("file"),
        upload_to=get_upload_to,
        width_field="width",
        height_field="height",
    )
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    credit = models.CharField(
        _("credit"),
        max_length=200,
        blank=True,
        help_text=_("Who made the picture; shown beneath it."),
    )

    uploaded_by_user.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]

    admin_form_fields = (
        "title",
        "file",
        "description",
        "credit",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Redraw a new file before its size, hash and dimensions are written."""
        if self.file and not self.file._committed:
            self.file.save(self.file.name, self.file.file, save=False)
        super().save(*args, **kwargs)

    def get_upload_to(self, filename: str) -> str:
        """A folder of its own; the name is random already."""
        return os.path.join("pictures", os.path.basename(filename))

    def generate_rendition_file(self, filter: Any, *, source: Any = None) -> File[Any]:
        """The rendition in memory: Wagtail leaves its temporary file open until it is collected.

        Raises SourceImageIOError, before that file is made, where the picture's own has gone.
        """
        # With `source` several are made at once, in threads, of a file that was read before.
        if source is None:
            with self.open_file():
                pass
        with super().generate_rendition_file(filter, source=source) as made:
            made.seek(0)
            return ContentFile(made.read(), name=made.name)


class PictureRendition(AbstractRendition):
    """A picture in one size and format."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"],
                name="a_rendition_is_made_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.image} ({self.filter_spec})"
