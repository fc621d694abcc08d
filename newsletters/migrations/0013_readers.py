"""Readers brought in from a table, and mails as plain text."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import newsletters.addresses
import newsletters.models.imports


class Migration(migrations.Migration):
    dependencies = [
        ("newsletters", "0012_written_mailings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReaderRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="As the spreadsheet shows it.")),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        default=list,
                        help_text="As they came.",
                        size=None,
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=254)),
                ("address_hash", models.CharField(blank=True, max_length=64)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("daily", "every day"),
                            ("weekly", "every week"),
                            ("monthly", "every month"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "interests",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("provenance", models.CharField(blank=True, max_length=500)),
                ("agreed_at", models.DateTimeField(null=True)),
                (
                    "problems",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "receives from now on"),
                            ("waiting", "waits: no proof of consent, nothing is mailed"),
                            ("there", "receives it already"),
                            ("repeated", "stands in the table twice"),
                            ("left", "has left, and is not brought back"),
                            ("kept_out", "must not be written to"),
                            ("broken", "cannot be read"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReaderTable",
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
                        default=newsletters.addresses.new_key, max_length=22, unique=True
                    ),
                ),
                ("name", models.CharField(help_text="Of the file.", max_length=100)),
                (
                    "headings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                (
                    "unused",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        default=list,
                        help_text="Headings nobody knows.",
                        size=None,
                    ),
                ),
                ("size", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(default=newsletters.models.imports.in_a_day)),
                ("taken_in_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="batch",
            name="plain_text",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Its people want the text alone: their mails have no designed version.",
            ),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="plain_text",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Newsletters come as plain text, without the designed version.",
            ),
        ),
        migrations.AddIndex(
            model_name="subscriber",
            index=models.Index(
                condition=models.Q(("plain_text", True)),
                fields=["id"],
                name="subscriber_of_plain_text",
            ),
        ),
        migrations.AddField(
            model_name="readerrow",
            name="newsletter",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="newsletters.newsletter",
            ),
        ),
        migrations.AddField(
            model_name="readertable",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="readerrow",
            name="table",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="newsletters.readertable",
            ),
        ),
        migrations.AddConstraint(
            model_name="readerrow",
            constraint=models.UniqueConstraint(
                fields=("table", "number"), name="a_table_has_a_row_once"
            ),
        ),
    ]
