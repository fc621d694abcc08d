"""Facts of countries with source and date; Editors and Administrators keep them."""

from __future__ import annotations

from typing import Any

import django.core.validators
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import alumni.texts
import alumni.vocabulary
import cms.models.facts


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
            *Permission.objects.filter(
                content_type__app_label="cms", content_type__model="countryfact"
            )
        )


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0009_somebody_named_hides"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountryFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        choices=alumni.vocabulary.countries, max_length=2, verbose_name="country"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=cms.models.facts.kinds,
                        help_text="Nothing fits: leave it empty and say it in the next field.",
                        max_length=60,
                        verbose_name="what it is about",
                    ),
                ),
                (
                    "label",
                    alumni.texts.TextsField(
                        blank=True,
                        default=dict,
                        help_text="Such as a law's name, or what the list above does not have.",
                        verbose_name="in particular",
                    ),
                ),
                ("value", alumni.texts.TextsField(default=dict, verbose_name="what holds")),
                (
                    "source",
                    models.URLField(
                        help_text="The address where a reader can see it; without one it is no fact.",
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                        verbose_name="source",
                    ),
                ),
                (
                    "as_at",
                    models.DateField(
                        help_text="After a year the page says that nobody has verified it since.",
                        validators=[cms.models.facts.not_to_come],
                        verbose_name="verified on",
                    ),
                ),
            ],
            options={
                "verbose_name": "country fact",
                "verbose_name_plural": "country facts",
                "ordering": ["country", "kind", "id"],
                "indexes": [models.Index(fields=["country"], name="facts_of_a_country")],
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
