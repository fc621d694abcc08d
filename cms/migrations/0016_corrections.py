"""A mailing that is written may correct another one: it goes to those who received that."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0015_written_mailings"),
        ("newsletters", "0014_digest_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="dispatch",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="It goes to those who received this mailing, and to nobody else.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="newsletters.issue",
                verbose_name="corrects",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("corrects", None), ("criteria", {}), _connector="OR"),
                name="a_correction_chooses_no_readers",
            ),
        ),
    ]
