"""What is proposed, sealed and held; the small team."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsletters", "0011_own_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="issue",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("compose_issue", "Can write mailings"),
                    ("approve_issue", "Can approve mailings"),
                    ("send_issue", "Can send what is due"),
                    ("view_people", "Can see who receives mail"),
                ],
                "verbose_name": "mailing",
                "verbose_name_plural": "mailings",
            },
        ),
        migrations.AddField(
            model_name="issue",
            name="fallback",
            field=models.CharField(
                blank=True,
                help_text="In which language it goes to those who read none of its languages.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="held_until",
            field=models.DateTimeField(
                help_text="Until then a colleague can stop what one person approved alone.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="not_before",
            field=models.DateTimeField(help_text="It does not leave before.", null=True),
        ),
        migrations.AddField(
            model_name="issue",
            name="proposed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="issue",
            name="proposed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="seal",
            field=models.CharField(
                blank=True,
                help_text="SHA-256 over the editions, the audience, the window and the people seen.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="seen",
            field=models.PositiveIntegerField(
                default=0, help_text="People it would have gone to when it was proposed."
            ),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="small_team",
            field=models.BooleanField(
                default=False,
                help_text="Whoever proposes a written mailing may approve it alone. It then waits for thirty minutes, and the colleagues who may approve get a copy and can stop it.",
                verbose_name="small team",
            ),
        ),
        migrations.AlterField(
            model_name="issue",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "waits for approval"),
                    ("approved", "approved"),
                    ("freezing", "the list is being drawn up"),
                    ("ready", "ready to leave"),
                    ("sending", "being sent"),
                    ("paused", "paused"),
                    ("halted", "stopped"),
                    ("done", "sent"),
                    ("cancelled", "cancelled"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
    ]
