"""Pictures of a story from a member: made small and bare, kept with the draft, seen by few."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from alumni.models import Profile
from alumni.privacy import erasure
from cms import moderation, submission_pictures, submissions
from cms.models import Picture, Submission, SubmissionPicture
from cms.models.submissions import SubmissionPicture as Kept
from tests.cms.test_submissions import NEW, TYPED, author, editor_of, sent, signed_in
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import Tree

__all__ = ["author"]

SHOWN = {"picture1-alt": "A form on a desk", "picture1-shows": "nobody"}
State = Submission.State


def photograph(name: str = "IMG_Qanary.jpg", size: tuple[int, int] = (2400, 1200)) -> Any:
    """As a phone makes it: on its side, with a place and words in it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Qanary house"
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    drawn = io.BytesIO()
    Image.new("RGB", size, "#0B5953").save(drawn, "JPEG", exif=exif, comment=b"Qanary")
    return SimpleUploadedFile(name, drawn.getvalue(), content_type="image/jpeg")


def address(row: Submission) -> str:
    return f"/en/members/stories/{row.key}/"


def test_a_picture_is_upright_small_and_bare(author: Profile) -> None:
    signed_in(author.user).post(NEW, TYPED | {"save": "1", "picture1-file": photograph()})

    kept = SubmissionPicture.objects.get()
    with Image.open(io.BytesIO(bytes(kept.data))) as shown:
        assert (shown.format, shown.size) == ("JPEG", (800, 1600))
        assert dict(shown.getexif()) == {}
        assert shown.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Qanary" not in bytes(kept.data)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("x.jpg", b"no picture"), "cannot be read as a picture"),
        (SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "JPEG or PNG"),
        (SimpleUploadedFile("x.jpg", b"0" * 3_000), "more than 10 MB"),
        (photograph(size=(300, 300)), "million pixels"),
    ],
    ids=["no picture", "drawn by code", "too heavy", "too many pixels"],
)
def test_a_picture_that_fails_says_what_to_do_and_nothing_is_lost(
    author: Profile, monkeypatch: pytest.MonkeyPatch, file: Any, said: str
) -> None:
    if "10 MB" in said:
        monkeypatch.setattr(submission_pictures, "MOST_BYTES", 2_999)
    if "pixels" in said:
        monkeypatch.setattr("cms.models.images.MOST_PIXELS", 80_000)
    file.seek(0)
    good = {"picture2-file": photograph(size=(20, 10)), "picture2-alt": "The good one"}
    if "pixels" not in said and "10 MB" not in said:
        good["picture2-shows"] = "nobody"
    else:
        good = {}

    answer = signed_in(author.user).post(
        NEW, TYPED | SHOWN | good | {"send": "1", "picture1-file": file}
    )

    page = answer.content.decode()
    assert said in page
    assert "A form on a desk" in page
    assert "One page did what ten could not." in page
    row = Submission.objects.get()
    assert (row.state, row.title) == (State.DRAFT, TYPED["title"])
    assert [one.alt for one in row.pictures.all()] == (["The good one"] if good else [])
    assert f'action="{address(row)}"' in page


def test_sending_asks_for_words_and_for_the_consent_of_people_in_it(author: Profile) -> None:
    answer = signed_in(author.user).post(
        NEW, TYPED | {"send": "1", "picture1-file": photograph(size=(20, 10))}
    )

    assert sorted(answer.context["pictures"][0].errors) == ["alt", "shows"]
    row = Submission.objects.get()
    assert (row.state, row.pictures.count()) == (State.DRAFT, 1)
    signed_in(author.user).post(address(row), TYPED | SHOWN | {"send": "1"})
    row.refresh_from_db()
    assert row.state == State.SENT
    assert row.pictures.get().shows == Kept.Shows.NOBODY


def test_a_picture_is_changed_and_taken_out(author: Profile) -> None:
    client = signed_in(author.user)
    client.post(NEW, TYPED | SHOWN | {"save": "1", "picture1-file": photograph(size=(20, 10))})
    row = Submission.objects.get()
    first = row.pictures.get()

    client.post(address(row), TYPED | SHOWN | {"save": "1", "picture1-alt": "Another word"})
    assert row.pictures.get().key == first.key
    client.post(
        address(row), TYPED | SHOWN | {"save": "1", "picture1-file": photograph(size=(30, 10))}
    )
    assert client.get(f"/en/members/stories/pictures/{first.key}/").status_code == 404
    client.post(address(row), TYPED | SHOWN | {"save": "1", "picture1-remove": "on"})

    assert not row.pictures.exists()


def test_a_draft_s_picture_is_its_author_s_and_once_sent_its_editors(
    author: Profile, tree: Tree
) -> None:
    editor = signed_in(editor_of(tree.home["en"]))
    client = signed_in(author.user)
    client.post(NEW, TYPED | SHOWN | {"save": "1", "picture1-file": photograph(size=(20, 10))})
    kept = SubmissionPicture.objects.get()
    own, at_the_desk = (
        f"/en/members/stories/pictures/{kept.key}/",
        f"/cms/submissions/pictures/{kept.key}/",
    )

    answer = client.get(own)
    assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("image/jpeg", True)
    assert Client().get(own).status_code == 302
    other = signed_in(ProfileFactory(joined=True, tier="network").user)
    assert other.get(own).status_code == 404
    assert editor.get(at_the_desk).status_code == 404
    client.post(address(kept.submission), TYPED | SHOWN | {"send": "1"})
    assert editor.get(at_the_desk).status_code == 200
    assert Picture.objects.count() == 0


def test_pictures_come_with_the_page_and_go_when_it_is_taken_back(
    author: Profile, tree: Tree
) -> None:
    second = {"picture2-alt": "A door", "picture2-shows": "agreed", "picture2-caption": "Open"}
    files = {f"picture{n}-file": photograph(size=(200, 100)) for n in (1, 2)}
    row = sent(author, **SHOWN, **second, **files, **{"picture1-caption": "One page"})
    page = moderation.take_on(by=editor_of(tree.home["en"]), row=row)
    page.save_revision().publish()

    shown = Client().get(page.url).content.decode()
    assert 'alt="A form on a desk"' in shown
    assert 'alt="A door"' in shown
    assert "One page" in shown
    submissions.withdraw(by=author.user, row=row)

    assert Picture.objects.count() == 0
    page.refresh_from_db()
    assert page.picture is None
    assert page.body.render_as_block()


def test_who_is_erased_leaves_no_picture_that_is_not_on_the_site(
    author: Profile, tree: Tree
) -> None:
    row = sent(author, **SHOWN, **{"picture1-file": photograph(size=(20, 10))})
    moderation.take_on(by=editor_of(tree.home["en"]), row=row)
    assert Picture.objects.count() == 1

    erasure.erase(profile=author, by=author.user, language="en")

    assert (Picture.objects.count(), SubmissionPicture.objects.count()) == (0, 0)


def test_a_file_of_everything_holds_the_pictures(author: Profile) -> None:
    signed_in(author.user).post(
        NEW, TYPED | SHOWN | {"save": "1", "picture1-file": photograph(size=(20, 10))}
    )

    sections = {section.label: section for section in submissions.kept_of(author)}

    [row] = sections["cms.SubmissionPicture"].rows
    assert row["alt"] == "A form on a desk"
    assert row["jpeg"].startswith("/9j/")
