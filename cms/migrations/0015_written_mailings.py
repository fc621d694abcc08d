"""Mailings that editors write, and the rights to write and to approve them."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
import wagtail.fields
import wagtail.models.preview
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import cms.mail_blocks
import cms.models.manuscripts
import newsletters.addresses

RIGHTS = ["compose_issue", "approve_issue"]


def give_rights(apps: Any, schema_editor: Any) -> None:
    """Permissions are rows that Django makes only after the last migration: made here."""
    app_config = apps.get_app_config("newsletters")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    rights = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="newsletters", codename__in=RIGHTS
    )
    # Country editors have groups of their own: publishing a page gives neither.
    for group in apps.get_model("auth", "Group").objects.filter(
        name__in=["Editors", "Administrators"]
    ):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0014_stories_with_pictures_and_country_editors"),
        ("newsletters", "0012_written_mailings"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        default=newsletters.addresses.new_key,
                        editable=False,
                        max_length=22,
                        unique=True,
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="For colleagues: readers never see it.",
                        max_length=120,
                        verbose_name="working title",
                    ),
                ),
                ("criteria", models.JSONField(blank=True, default=dict)),
                (
                    "not_before",
                    models.DateTimeField(
                        blank=True,
                        help_text="Leave it empty and it leaves as soon as it is approved.",
                        null=True,
                        verbose_name="leaves",
                    ),
                ),
                (
                    "not_after",
                    models.DateTimeField(
                        blank=True,
                        help_text="What has not left by then stays. Empty: within two weeks.",
                        null=True,
                        verbose_name="at the latest",
                    ),
                ),
                (
                    "fallback",
                    models.CharField(
                        blank=True,
                        choices=cms.models.manuscripts.languages,
                        help_text="What people get who read none of the languages that it is written in.",
                        max_length=12,
                        verbose_name="readers of other languages",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "newsletter",
                    models.ForeignKey(
                        help_text="It goes to people who asked for this newsletter and confirmed, to no others.",
                        limit_choices_to={"kind": "written"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="newsletters.newsletter",
                        verbose_name="newsletter",
                    ),
                ),
            ],
            options={
                "verbose_name": "mailing being written",
                "verbose_name_plural": "mailings being written",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Manuscript",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "locked",
                    models.BooleanField(default=False, editable=False, verbose_name="locked"),
                ),
                (
                    "locked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="locked at"),
                ),
                (
                    "language",
                    models.CharField(
                        choices=cms.models.manuscripts.languages,
                        editable=False,
                        max_length=12,
                        verbose_name="language",
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        blank=True,
                        help_text="What it is about, in 10 to 78 characters; the rest is cut in most inboxes.",
                        max_length=150,
                        verbose_name="subject",
                    ),
                ),
                (
                    "preheader",
                    models.CharField(
                        blank=True,
                        help_text="Inboxes show it beside the subject: 40 to 110 characters that go on.",
                        max_length=200,
                        verbose_name="line after the subject",
                    ),
                ),
                (
                    "body",
                    wagtail.fields.StreamField(
                        [
                            ("text", 0),
                            ("heading", 1),
                            ("story", 2),
                            ("newest", 4),
                            ("call", 5),
                            ("quotation", 8),
                            ("picture", 11),
                            ("button", 15),
                            ("divider", 16),
                            ("acknowledgement", 17),
                        ],
                        blank=True,
                        block_lookup={
                            0: (
                                "wagtail.blocks.RichTextBlock",
                                (),
                                {
                                    "features": ["bold", "italic", "link", "ol", "ul"],
                                    "icon": "pilcrow",
                                    "label": "Text",
                                },
                            ),
                            1: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"icon": "title", "label": "Heading", "max_length": 120},
                            ),
                            2: (
                                "wagtail.blocks.PageChooserBlock",
                                (),
                                {
                                    "help_text": "Stands in the language of this text; where there is no translation, in its own, with a line that says so.",
                                    "icon": "doc-full",
                                    "label": "Story or resource",
                                    "page_type": ["cms.StoryPage", "cms.ResourcePage"],
                                },
                            ),
                            3: (
                                "wagtail.blocks.IntegerBlock",
                                (),
                                {
                                    "default": 3,
                                    "help_text": "How many stories, newest first; none that is picked by hand stands twice.",
                                    "label": "At most",
                                    "max_value": 10,
                                    "min_value": 1,
                                },
                            ),
                            4: ("wagtail.blocks.StructBlock", [[("most", 3)]], {}),
                            5: (
                                "wagtail.blocks.PageChooserBlock",
                                (),
                                {
                                    "icon": "date",
                                    "label": "Call with its deadline",
                                    "page_type": ["cms.UpdatePage"],
                                },
                            ),
                            6: (
                                "wagtail.blocks.TextBlock",
                                (),
                                {"label": "Words", "max_length": 600},
                            ),
                            7: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {
                                    "help_text": "As the person chose to be named: name, initials, or role and country.",
                                    "label": "Who said it",
                                    "max_length": 150,
                                    "required": False,
                                },
                            ),
                            8: ("wagtail.blocks.StructBlock", [[("words", 6), ("speaker", 7)]], {}),
                            9: ("wagtail.images.blocks.ImageBlock", [], {"label": "Picture"}),
                            10: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {
                                    "help_text": "Stands beneath the picture, also where pictures are not shown.",
                                    "label": "Caption",
                                    "max_length": 250,
                                    "required": False,
                                },
                            ),
                            11: (
                                "wagtail.blocks.StructBlock",
                                [[("picture", 9), ("caption", 10)]],
                                {},
                            ),
                            12: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {
                                    "help_text": "They say what happens, like “Apply by 3 March”.",
                                    "label": "Words on it",
                                    "max_length": 60,
                                },
                            ),
                            13: (
                                "wagtail.blocks.PageChooserBlock",
                                (),
                                {
                                    "help_text": "A page of this site; readers are led to it in their language where it is.",
                                    "label": "Page",
                                    "required": False,
                                },
                            ),
                            14: (
                                "wagtail.blocks.URLBlock",
                                (),
                                {
                                    "help_text": "With https:// before it.",
                                    "label": "Or an address",
                                    "required": False,
                                },
                            ),
                            15: (
                                "wagtail.blocks.StructBlock",
                                [[("label", 12), ("page", 13), ("url", 14)]],
                                {},
                            ),
                            16: (
                                "wagtail.blocks.static_block.StaticBlock",
                                (),
                                {
                                    "admin_text": "A line between what goes before and what follows.",
                                    "icon": "horizontalrule",
                                    "label": "Divider",
                                },
                            ),
                            17: (
                                "wagtail.blocks.ChoiceBlock",
                                [],
                                {
                                    "choices": cms.mail_blocks.projects,
                                    "icon": "pick",
                                    "label": "Acknowledgement of a project",
                                },
                            ),
                        },
                        help_text="Text, stories, calls, pictures and buttons, in the order readers see them.",
                        verbose_name="text",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "dispatch",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="manuscripts",
                        to="cms.dispatch",
                    ),
                ),
                (
                    "latest_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="latest revision",
                    ),
                ),
                (
                    "locked_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="locked_%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="locked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "words of a mailing",
                "verbose_name_plural": "words of mailings",
                "ordering": ["pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dispatch", "language"),
                        name="a_mailing_is_written_once_in_a_language",
                    )
                ],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
