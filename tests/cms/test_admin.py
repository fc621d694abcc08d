"""The editors' side, through its own forms: publish, translate, upload; rights of the groups."""

from __future__ import annotations

import io
import json
import re
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from PIL import Image
from wagtail.models import PageViewRestriction
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms import digest
from cms.models import FirstLive, Picture, StoryPage, Topic
from tests.cms.test_pictures import CANARY, jpeg, written
from tests.factories import cms as make
from tests.factories.cms import StoryFactory, Tree, translated


def filled(**changes: Any) -> dict[str, Any]:
    """What the browser posts when an editor has filled in the form of a story."""
    data = {
        "title": "Screening at the border",
        "slug": "screening",
        "standfirst": "Ten questions that changed a shift.",
        "byline": "A border officer",
        "audience": "public",
        "body": streamfield([("paragraph", rich_text("<p>What was done.</p>"))]),
        "short_translations": inline_formset(
            [{"language": "fr", "title": "Filtrage", "standfirst": "Dix questions."}]
        ),
        "comments": inline_formset([]),
    }
    # Boxes that are ticked are repeated values, which the nesting would number.
    boxes = {"countries": ["KE"], "topics": ["referral"]}
    return nested_form_data(data) | boxes | changes


def publish(desk: Client, tree: Tree, **changes: Any) -> Any:
    address = reverse("wagtailadmin_pages:add", args=["cms", "storypage", tree.stories["en"].pk])
    return desk.post(address, filled(**changes) | {"action-publish": "publish"})


def test_editor_publishes_a_story_that_becomes_an_entry(tree: Tree, desk: Client) -> None:
    make.topic("referral", en="Referral")

    answer = publish(desk, tree)

    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    story = StoryPage.objects.get(slug="screening")
    assert (story.live, story.countries, story.topics) == (True, ["KE"], ["referral"])
    assert set(FirstLive.objects.values_list("page_id", "language")) >= {
        (story.pk, "en"),
        (story.pk, "fr"),
    }
    moment = FirstLive.objects.get(page=story, language="en").mailable_at
    (entry,) = digest.entries(moment.replace(year=2020), moment.replace(year=2200))
    assert [text.title for text in entry.texts] == ["Screening at the border", "Filtrage"]


def test_form_offers_countries_topics_and_audiences_by_name(tree: Tree, desk: Client) -> None:
    make.topic("referral", en="Referral")
    make.course_run("spring")
    address = reverse("wagtailadmin_pages:add", args=["cms", "storypage", tree.stories["en"].pk])

    page = desk.get(address).content.decode()

    assert "Kenya" in page
    assert "Referral" in page
    assert "Members of the network" in page
    assert 'value="run:spring"' in page
    assert "mails nothing" in page


def test_code_that_no_list_offers_is_refused(tree: Tree, desk: Client) -> None:
    answer = publish(desk, tree, countries=["XX"], topics=["made-up"], audience="run:nobody")

    errors = answer.context["form"].errors
    assert {"countries", "topics", "audience"} <= errors.keys()
    assert not StoryPage.objects.filter(slug="screening").exists()


def test_audience_of_a_translation_is_shown_but_cannot_be_changed(tree: Tree, desk: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"], audience="members")
    arabic = translated(story, "ar")
    address = reverse("wagtailadmin_pages:edit", args=[arabic.pk])

    desk.post(address, filled(audience="public", topics=[]) | {"action-publish": "publish"})

    arabic.refresh_from_db()
    assert arabic.title == "Screening at the border"
    assert arabic.audience == "members"


def test_uploaded_picture_has_lost_its_metadata(tree: Tree, desk: Client) -> None:
    upload = io.BytesIO(jpeg())
    upload.name = "IMG_2041_shelter.jpg"

    answer = desk.post(
        reverse("wagtailimages:add_multiple"),
        {"title": "A", "files[]": upload},
        headers={"x-requested-with": "XMLHttpRequest"},
    )

    assert json.loads(answer.content)["success"] is True
    picture = Picture.objects.get()
    assert CANARY not in written(picture.file)
    assert "shelter" not in picture.file.name


def test_picture_beyond_25_megapixels_is_refused_by_the_form(tree: Tree, desk: Client) -> None:
    upload = io.BytesIO()
    Image.new("1", (5001, 5000)).save(upload, "PNG")
    upload.seek(0)
    upload.name = "large.png"

    answer = desk.post(
        reverse("wagtailimages:add_multiple"),
        {"title": "A", "files[]": upload},
        headers={"x-requested-with": "XMLHttpRequest"},
    )

    assert json.loads(answer.content)["success"] is False
    assert not Picture.objects.exists()


def test_svg_is_refused_by_the_form(tree: Tree, desk: Client) -> None:
    upload = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>")
    upload.name = "drawing.svg"

    answer = desk.post(
        reverse("wagtailimages:add_multiple"),
        {"title": "A", "files[]": upload},
        headers={"x-requested-with": "XMLHttpRequest"},
    )

    assert json.loads(answer.content)["success"] is False


def test_pages_have_no_second_privacy(tree: Tree, desk: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"])

    address = reverse("wagtailadmin_pages:set_privacy", args=[story.pk])
    desk.post(address, {"restriction_type": "password", "password": "a shared password"})

    assert not PageViewRestriction.objects.exists()


def test_front_screen_counts_pages_and_pictures_and_asks_nobody_outside(
    tree: Tree, desk: Client, settings: Any
) -> None:
    page = desk.get(reverse("wagtailadmin_home"))

    assert page.status_code == 200
    text = page.content.decode()
    assert "gravatar" not in text
    assert (
        re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=.(?:https?:)?//[^>]*>", text)
        == []
    )
    assert settings.WAGTAIL_SITE_NAME in text


def test_every_screen_an_editor_uses_opens(tree: Tree, desk: Client) -> None:
    make.topic("referral", en="Referral")
    story = StoryFactory(parent=tree.stories["en"], picture=make.picture())
    topic = Topic.objects.get()
    addresses = [
        reverse("wagtailadmin_explore", args=[tree.stories["en"].pk]),
        reverse("wagtailadmin_pages:edit", args=[story.pk]),
        reverse("wagtailadmin_pages:history", args=[story.pk]),
        reverse(Topic.snippet_viewset.get_url_name("list")),
        reverse(Topic.snippet_viewset.get_url_name("edit"), args=[topic.pk]),
        reverse("wagtailimages:index"),
        *(
            reverse("wagtailadmin_pages:add", args=["cms", kind, getattr(tree, section)["en"].pk])
            for kind, section in (
                ("countrypage", "countries"),
                ("updatepage", "updates"),
                ("coursepage", "courses"),
                ("storypage", "stories"),
            )
        ),
    ]

    assert [desk.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_draft_is_previewed_before_and_after_it_is_saved(tree: Tree, desk: Client) -> None:
    make.topic("referral", en="Referral")
    section = tree.stories["en"].pk
    story = StoryFactory(parent=tree.stories["en"], live=False, audience="members")
    for address in (
        reverse("wagtailadmin_pages:preview_on_add", args=["cms", "storypage", section]),
        reverse("wagtailadmin_pages:preview_on_edit", args=[story.pk]),
    ):
        assert desk.post(address, filled(audience="members")).json()["is_valid"]

        shown = desk.get(address)

        assert shown.status_code == 200
        assert "Screening at the border" in shown.content.decode()


def test_code_of_a_topic_stays(tree: Tree, desk: Client) -> None:
    make.topic("referral", en="Referral")
    topic = Topic.objects.get()
    address = reverse(Topic.snippet_viewset.get_url_name("edit"), args=[topic.pk])

    refused = desk.post(address, {"title": "Sending on", "code": "sending", "order": "0"})
    assert "cannot be changed" in refused.content.decode()

    desk.post(address, {"title": "Sending on", "code": "referral", "order": "0"})
    topic.refresh_from_db()
    assert (topic.code, topic.title) == ("referral", "Sending on")


def test_groups_have_their_rights(db: None) -> None:
    editors = Group.objects.get(name="Editors")
    administrators = Group.objects.get(name="Administrators")

    on_pages = set(editors.page_permissions.values_list("permission__codename", flat=True))
    assert on_pages == {"add_page", "change_page", "publish_page"}
    rights = set(editors.permissions.values_list("codename", flat=True))
    assert {"access_admin", "send_issue", "view_issue", "submit_translation"} <= rights
    assert not any(right.endswith(("_profile", "_user", "_group")) for right in rights)
    assert administrators.permissions.filter(codename="view_profile").exists()
    assert administrators.permissions.filter(codename="add_user").exists()
