"""How the map draws disputed territories; Editors and Administrators choose it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations, models


def give_rights(apps: Any, schema_editor: Any) -> None:
    app_config = apps.get_app_config("cms")
    app_config.models_module = True
    create_permissions(app_config, apps=apps, verbosity=0)
    app_config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name in ("Editors", "Administrators"):
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(
            *Permission.objects.filter(content_type__app_label="cms", codename="change_mapsetting")
        )


class Migration(migrations.Migration):
    dependencies = [("cms", "0006_stories_taken_down")]

    operations = [
        migrations.CreateModel(
            name="MapSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "disputed",
                    models.CharField(
                        choices=[
                            ("hatched", "with hatching"),
                            ("plain", "like every other country"),
                            ("ground", "as empty ground, without a name"),
                        ],
                        default="hatched",
                        help_text="How the map draws territories whose status is disputed. The list of countries beside it names them in any case.",
                        max_length=8,
                        verbose_name="disputed territories",
                    ),
                ),
            ],
            options={"verbose_name": "map", "verbose_name_plural": "map"},
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
