"""Links that prove a mailbox anew: to the own data, or to another address."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsletters", "0010_address_hash"),
    ]

    operations = [
        migrations.CreateModel(
            name="FreshLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64, unique=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("data", "open the own data"),
                            ("move", "move to another mailbox"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "address",
                    models.EmailField(
                        blank=True,
                        help_text="The new one; emptied once it is used.",
                        max_length=254,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "subscriber",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="newsletters.subscriber",
                    ),
                ),
            ],
        ),
    ]
