"""From "Add story" to the site: what the form asks, shows, and keeps from happening by accident."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from alumni.models import User
from cms import desks
from cms.models import CountryDesk, StoryPage
from tests.factories.alumni import UserFactory
from tests.factories.cms import CountryFactory, StoryFactory, Tree

pytestmark = pytest.mark.django_db
FOOT = re.compile(r"<footer.*?</footer>", re.DOTALL)
EMPTY_PARAGRAPH = {
    "body-count": "1",
    "body-0-deleted": "",
    "body-0-order": "0",
    "body-0-type": "paragraph",
    "body-0-id": "",
    "body-0-value": "null",
}


def adding(parent: Any) -> str:
    return reverse("wagtailadmin_pages:add", args=["cms", "storypage", parent.pk])


def foot(client: Client, address: str) -> str:
    found = FOOT.search(client.get(address).content.decode())
    assert found
    return found.group()


def note(client: Client, parent: Any) -> Any:
    form = client.get(adding(parent)).context["form"]
    return form.fields["countries"].widget.note


def writer(tree: Tree) -> User:
    """Somebody who may write and not publish."""
    group = Group.objects.create(name="Writers")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in ("add_page", "change_page"):
        GroupPagePermission.objects.create(
            group=group,
            page=tree.stories["en"].page_ptr,
            permission=Permission.objects.get(codename=codename),
        )
    user: User = UserFactory()
    user.groups.add(group)
    return user


def moderated(tree: Tree) -> None:
    """Stories in English are looked at by somebody before they are published."""
    workflow = Workflow.objects.create(name="A second look")
    task = GroupApprovalTask.objects.create(name="Look")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    WorkflowPage.objects.create(workflow=workflow, page=tree.stories["en"].page_ptr)


def test_publish_stands_in_sight_after_save_draft(tree: Tree, desk: Client) -> None:
    moderated(tree)
    story = StoryFactory(parent=tree.stories["en"])
    edit = reverse("wagtailadmin_pages:edit", args=[story.pk])

    for address in (adding(tree.stories["en"]), edit):
        buttons = foot(desk, address)
        # Once, and beside the menu that opens with an arrow, which keeps the rest.
        assert buttons.count('name="action-publish"') == 1
        menu, publish = buttons.split('name="action-publish"')[0].rsplit("<button", 1)
        assert menu.count("<div") == menu.count("</div>")
        assert 'name="action-submit"' in menu
        assert 'type="submit"' in publish
        # The Enter key in a line of the form presses the first button of the form.
        first = re.search(r"<button[^>]*type=.submit.[^>]*>", buttons, re.DOTALL)
        assert first is not None
        assert "action-save" in first.group()


def test_whoever_may_not_publish_submits_as_before(tree: Tree, client: Client) -> None:
    moderated(tree)
    client.force_login(writer(tree))

    buttons = foot(client, adding(tree.stories["en"]))

    assert "action-publish" not in buttons
    assert "Save draft" in buttons
    assert "Submit to A second look" in buttons


def test_a_new_story_begins_with_an_open_paragraph(tree: Tree, desk: Client) -> None:
    form = desk.get(adding(tree.stories["en"])).context["form"]
    assert [part.block_type for part in form["body"].value()] == ["paragraph"]

    kept = StoryFactory(parent=tree.stories["en"], live=False, body=[])
    again = desk.get(reverse("wagtailadmin_pages:edit", args=[kept.pk])).context["form"]
    assert [part.block_type for part in again["body"].value()] == []


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "title": "A story",
        "slug": "a-story",
        "standfirst": "In one line.",
        "audience": "public",
        "countries": ["KE"],
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "short_translations-TOTAL_FORMS": "0",
        "short_translations-INITIAL_FORMS": "0",
        **EMPTY_PARAGRAPH,
        **changes,
    }


def test_an_empty_paragraph_is_kept_as_a_draft_and_not_published(tree: Tree, desk: Client) -> None:
    address = adding(tree.stories["en"])

    refused = desk.post(address, filled() | {"action-publish": "1"})
    assert refused.status_code == 200
    assert not StoryPage.objects.exists()

    desk.post(address, filled())
    [story] = StoryPage.objects.all()
    assert not story.live


def test_the_form_says_which_countries_have_no_page(tree: Tree, desk: Client) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE")
    CountryFactory(parent=tree.countries["en"], country="ZM", live=False)

    told = note(desk, tree.stories["en"])

    # What is not live is none; nor is a page in another language.
    assert {"ZM", "TG"} <= told.values
    assert "KE" not in told.values
    assert "KE" in note(desk, tree.stories["ar"]).values
    assert told.text.startswith("No page in English yet: {name}.")
    assert told.url == reverse(
        "wagtailadmin_pages:add", args=["cms", "countrypage", tree.countries["en"].pk]
    )
    assert desk.get(told.url).status_code == 200


def test_whoever_may_not_make_the_page_gets_no_way_to_it(tree: Tree, client: Client) -> None:
    kenya = CountryFactory(parent=tree.countries["en"], country="KE")
    desk = desks.set_up(desk=CountryDesk(name="Nairobi", countries=["KE"]))
    user = UserFactory()
    user.groups.add(desk.group)
    client.force_login(user)

    told = note(client, kenya)

    assert "KE" not in told.values
    assert (told.url, told.button) == ("", "")
