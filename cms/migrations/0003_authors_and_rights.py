"""Stories know their author among the members; Administrators get the rights on the new screens."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.contrib.auth.management import create_permissions
from django.db import migrations, models


def give_rights(apps: Any, schema_editor: Any) -> None:
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
        ("alumni", "0006_directory"),
        ("cms", "0002_groups_and_their_rights"),
    ]

    operations = [
        migrations.AddField(
            model_name="storypage",
            name="author",
            field=models.ForeignKey(
                blank=True,
                help_text="Seen by staff alone. When this person hides or is erased, the byline goes by itself.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="alumni.profile",
                verbose_name="author among the members",
            ),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
