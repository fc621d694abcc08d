"""Nothing of a picture but its pixels is kept, in the original or in any rendition."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageCms, PngImagePlugin
from PIL.ExifTags import GPS, IFD, Base

from cms.models import Picture
from cms.models import images as module

CANARY = b"CANARY"
RENDITIONS = [
    "original",
    "width-300",
    "fill-200x100",
    "width-300|format-webp",
    "width-300|format-avif",
    "width-300|format-png",
]


def jpeg(size: tuple[int, int] = (640, 480)) -> bytes:
    """A photograph as a phone writes it: maker, place, orientation, XMP, comment, profile."""
    exif = Image.Exif()
    exif[Base.Make] = "CANARY maker"
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.GPSInfo).update(
        {GPS.GPSLatitudeRef: "S", GPS.GPSLatitude: (1.0, 17.0, 30.0), GPS.GPSMapDatum: "CANARY"}
    )
    written = io.BytesIO()
    Image.new("RGB", size, "#9C3D26").save(
        written,
        "JPEG",
        exif=exif,
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>CANARY</x:xmpmeta>",
        comment=b"CANARY comment",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )
    return written.getvalue()


def png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "CANARY author")
    told.add_itxt("XML:com.adobe.xmp", "<x>CANARY</x>")
    exif = Image.Exif()
    exif[Base.Make] = "CANARY maker"
    written = io.BytesIO()
    Image.new("RGBA", (640, 480), (11, 89, 83, 128)).save(written, "PNG", pnginfo=told, exif=exif)
    return written.getvalue()


def webp() -> bytes:
    exif = Image.Exif()
    exif[Base.Make] = "CANARY maker"
    written = io.BytesIO()
    Image.new("RGB", (640, 480), "#0B5953").save(written, "WEBP", exif=exif, xmp=b"<x>CANARY</x>")
    return written.getvalue()


def stored(data: bytes, name: str) -> Picture:
    picture = Picture(title="A picture", file=ContentFile(data, name=name))
    picture.save()
    return picture


def written(file: Any) -> bytes:
    with file.storage.open(file.name) as opened:
        return bytes(opened.read())


@pytest.mark.parametrize(
    ("data", "name"), [(jpeg(), "a.jpg"), (png(), "a.png"), (webp(), "a.webp")]
)
def test_metadata_is_gone_from_original_and_renditions(db: None, data: bytes, name: str) -> None:
    assert CANARY in data

    picture = stored(data, name)

    files = [picture.file, *(picture.get_rendition(spec).file for spec in RENDITIONS)]
    for file in files:
        kept = written(file)
        assert CANARY not in kept, file.name
        with Image.open(io.BytesIO(kept)) as image:
            assert dict(image.getexif()) == {}, file.name
            assert not image.info.keys() & {"exif", "xmp", "comment", "icc_profile", "XML"}


def test_picture_stands_upright_once_its_orientation_is_gone(db: None) -> None:
    picture = stored(jpeg(size=(640, 480)), "phone.jpg")

    assert (picture.width, picture.height) == (480, 640)


def test_name_is_random_and_says_nothing(db: None) -> None:
    first, second = (stored(jpeg(), "shelter-of-amina.jpg") for _ in range(2))

    assert "amina" not in first.file.name
    assert first.file.name != second.file.name
    assert first.file.name.startswith("pictures/")


def test_size_and_hash_are_those_of_what_is_kept(db: None) -> None:
    picture = stored(jpeg(), "a.jpg")

    assert picture.file_size == len(written(picture.file))
    assert picture.file_hash == stored(jpeg(), "b.jpg").file_hash


def test_file_given_directly_to_the_column_is_cleaned_too(db: None) -> None:
    picture = stored(png(), "a.png")

    picture.file.save("b.jpg", ContentFile(jpeg()))

    assert CANARY not in written(picture.file)


def test_more_than_25_megapixels_are_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 640 * 480 - 1)

    with pytest.raises(ValidationError, match="25 million"):
        stored(jpeg(), "a.jpg")


@pytest.mark.parametrize(
    "data",
    [b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"", b"%PDF-1.7"],
)
def test_what_is_no_raster_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ValidationError, match="not a picture"):
        module.redrawn(ContentFile(data, name="a.jpg"))
