"""What a digest's rules remember: titles, reasons, who has heard nothing for long, announcements."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models.functions import Now


def everyone_has_heard_today(apps, schema_editor):
    """Nobody is told of sixty silent days that were not counted."""
    subscriptions = apps.get_model("newsletters", "Subscription").objects
    subscriptions.filter(state="confirmed").update(heard_at=Now())


class Migration(migrations.Migration):
    dependencies = [
        ("newsletters", "0013_readers"),
    ]

    operations = [
        migrations.AddField(
            model_name="newsletter",
            name="weekend",
            field=models.CharField(
                choices=[
                    ("56", "Saturday and Sunday"),
                    ("45", "Friday and Saturday"),
                    ("34", "Thursday and Friday"),
                    ("4", "Friday"),
                    ("6", "Sunday"),
                ],
                default="56",
                help_text="The days on which nobody is at work: they do not count in the 24 hours for which a digest waits after it was announced to you.",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="cadence",
            name="announced_for",
            field=models.DateTimeField(
                help_text="The due time of which the editors were told.", null=True
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="heard_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the last mail of it went to the reader, or the subscription began.",
                null=True,
            ),
        ),
        migrations.RunPython(everyone_has_heard_today, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="issue",
            name="reference",
            field=models.CharField(
                blank=True,
                help_text="The manuscript of a written mailing; of a notice the call that it tells of.",
                max_length=130,
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="pieces",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=190),
                db_default=[],
                default=list,
                help_text="What the mail is joined from, in order: `<form> <entry>`; empty: a card for each of the selection.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="fragment",
            name="form",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Empty: a card, or the frame; `line`: title and link alone; else why a card is told, or what a heading says.",
                max_length=60,
            ),
        ),
        migrations.RemoveConstraint(model_name="fragment", name="fragments_are_made_once"),
        migrations.AddConstraint(
            model_name="fragment",
            constraint=models.UniqueConstraint(
                fields=("issue", "language", "entry", "form", "discreet"),
                name="fragments_are_made_once",
            ),
        ),
    ]
