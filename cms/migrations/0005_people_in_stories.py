"""Who is in a story and has agreed; Administrators also get the right to answer letters."""

import django.db.models.deletion
import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import newsletters.addresses


def give_rights(apps, schema_editor):
    app_config = apps.get_app_config("alumni")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    administrators, _ = Group.objects.get_or_create(name="Administrators")
    administrators.permissions.add(*Permission.objects.filter(content_type__app_label="alumni"))


class Migration(migrations.Migration):
    dependencies = [
        ("alumni", "0014_kinds_of_looks"),
        ("cms", "0004_byline_changes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="storypage",
            name="author",
            field=models.ForeignKey(
                blank=True,
                help_text="Seen by staff alone. The person is asked whether and how to be named: see “Who is in it”. When he or she hides or is erased, the byline goes by itself.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="alumni.profile",
                verbose_name="author among the members",
            ),
        ),
        migrations.AlterField(
            model_name="storypage",
            name="byline",
            field=models.CharField(
                blank=True,
                help_text="Only for a story by nobody of the network: an author among the members chooses the byline by himself or herself.",
                max_length=200,
                verbose_name="byline",
            ),
        ),
        migrations.CreateModel(
            name="Naming",
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
                    "story",
                    models.UUIDField(
                        db_index=True, help_text="What all languages of the story share."
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("byline", "tells it: stands beneath the title"),
                            ("text", "is named in the text"),
                            ("picture", "can be seen in a picture"),
                        ],
                        max_length=10,
                        verbose_name="how the person appears",
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("name", "my name"),
                            ("initials", "my initials"),
                            ("role", "my role and country or region"),
                        ],
                        max_length=10,
                        verbose_name="named by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "has not answered"),
                            ("given", "has agreed"),
                            ("refused", "does not want it"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True, verbose_name="asked")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        help_text="On paper: which, and when.",
                        max_length=200,
                        verbose_name="how",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="alumni.profile",
                    ),
                ),
            ],
            options={
                "verbose_name": "person in a story",
                "verbose_name_plural": "people in stories",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("story", "profile", "what"), name="asked_once_for_each_appearance"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "given"), ("what", "byline"), _negated=True),
                            models.Q(("form", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_byline_says_how_it_names",
                    ),
                ],
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
