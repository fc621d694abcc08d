"""Stories from members carry pictures and signatures; countries have editors of their own."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import cms.models.codes
import newsletters.addresses


def give_rights(apps: Any, schema_editor: Any) -> None:
    app_config = apps.get_app_config("cms")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    Permission = apps.get_model("auth", "Permission")
    administrators, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Administrators")
    administrators.permissions.add(
        *Permission.objects.filter(
            content_type__app_label="cms", content_type__model__in=["countrydesk", "storysteps"]
        )
    )


def say_what_is_out(apps: Any, schema_editor: Any) -> None:
    live = apps.get_model("cms", "StoryPage").objects.filter(live=True)
    taken_on = apps.get_model("cms", "Submission").objects.filter(state="taken_on")
    taken_on.filter(story__in=live.values("translation_key")).update(state="published")


class Migration(migrations.Migration):
    dependencies = [
        ("alumni", "0016_vouching"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("cms", "0013_notices_pages"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CountryDesk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Under “Users”, tick this name as the role of whoever belongs to it.",
                        max_length=80,
                        unique=True,
                        verbose_name="name",
                    ),
                ),
                (
                    "countries",
                    cms.models.codes.CountriesField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="countries",
                    ),
                ),
            ],
            options={
                "verbose_name": "country editors",
                "verbose_name_plural": "country editors",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="StorySteps",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "country_first",
                    models.BooleanField(
                        default=False,
                        help_text="Where a country has editors of its own, one of them passes each story before another colleague can take it on.",
                        verbose_name="a country editor passes it first",
                    ),
                ),
                (
                    "institution_agrees",
                    models.BooleanField(
                        default=False,
                        help_text="The author says who agreed and when, or an editor notes it. Before that the story cannot be published.",
                        verbose_name="the author’s institution has to agree",
                    ),
                ),
            ],
            options={
                "verbose_name": "stories from members",
            },
        ),
        migrations.CreateModel(
            name="SubmissionPicture",
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
                ("place", models.PositiveSmallIntegerField(verbose_name="place")),
                ("data", models.BinaryField(verbose_name="picture")),
                (
                    "alt",
                    models.CharField(
                        blank=True, max_length=250, verbose_name="what can be seen in it"
                    ),
                ),
                ("caption", models.CharField(blank=True, max_length=250, verbose_name="caption")),
                (
                    "shows",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("nobody", "Nobody can be recognised in it."),
                            ("agreed", "People can be recognised, and each of them has agreed."),
                        ],
                        max_length=10,
                        verbose_name="people in it",
                    ),
                ),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "picture of a story from a member",
                "verbose_name_plural": "pictures of stories from members",
                "ordering": ["place"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="submission",
            name="a_story_taken_on_has_a_page",
        ),
        migrations.AddField(
            model_name="storypage",
            name="picture_caption",
            field=models.CharField(blank=True, max_length=250, verbose_name="caption"),
        ),
        migrations.AddField(
            model_name="submission",
            name="passed_at",
            field=models.DateTimeField(null=True, verbose_name="passed by a country editor"),
        ),
        migrations.AddField(
            model_name="submission",
            name="passed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="sign_off",
            field=models.CharField(
                blank=True, max_length=300, verbose_name="who at the institution agreed, and when"
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="sign_off_at",
            field=models.DateTimeField(null=True, verbose_name="noted"),
        ),
        migrations.AddField(
            model_name="submission",
            name="sign_off_by",
            field=models.ForeignKey(
                help_text="Empty where the author said it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "not sent yet"),
                    ("sent", "waits for an editor"),
                    ("returned", "came back with a note"),
                    ("taken_on", "an editor works on it"),
                    ("published", "on the site"),
                    ("taken_down", "not on the site any more"),
                    ("declined", "not taken"),
                    ("withdrawn", "withdrawn by you"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["taken_on", "published", "taken_down"]), _negated=True),
                    ("story__isnull", False),
                    _connector="OR",
                ),
                name="a_story_taken_on_has_a_page",
            ),
        ),
        migrations.AddField(
            model_name="countrydesk",
            name="collection",
            field=models.OneToOneField(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="wagtailcore.collection",
            ),
        ),
        migrations.AddField(
            model_name="countrydesk",
            name="group",
            field=models.OneToOneField(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="country_desk",
                to="auth.group",
            ),
        ),
        migrations.AddField(
            model_name="storysteps",
            name="site",
            field=models.OneToOneField(
                editable=False, on_delete=django.db.models.deletion.CASCADE, to="wagtailcore.site"
            ),
        ),
        migrations.AddField(
            model_name="submissionpicture",
            name="picture",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cms.picture",
            ),
        ),
        migrations.AddField(
            model_name="submissionpicture",
            name="submission",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pictures",
                to="cms.submission",
            ),
        ),
        migrations.AddConstraint(
            model_name="submissionpicture",
            constraint=models.UniqueConstraint(
                fields=("submission", "place"), name="a_place_of_a_story_holds_one_picture"
            ),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
        migrations.RunPython(say_what_is_out, migrations.RunPython.noop),
    ]
