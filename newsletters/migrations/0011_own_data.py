"""A link of one use can also be a reader's, to the own data or to another mailbox."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsletters", "0010_address_hash"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="onetimelink",
            options={"verbose_name": "link", "verbose_name_plural": "links"},
        ),
        migrations.AddField(
            model_name="onetimelink",
            name="subscriber",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to="newsletters.subscriber",
            ),
        ),
        migrations.AlterField(
            model_name="onetimelink",
            name="asked",
            field=models.JSONField(
                default=dict,
                help_text="What confirming sets: language, frequency, interests; the new address.",
            ),
        ),
        migrations.AlterField(
            model_name="onetimelink",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("confirm", "confirm a subscription"),
                    ("data", "open the own data"),
                    ("move", "move to another mailbox"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="onetimelink",
            name="subscription",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to="newsletters.subscription",
            ),
        ),
        migrations.AddConstraint(
            model_name="onetimelink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("purpose", "confirm"),
                        ("subscriber", None),
                        ("subscription__isnull", False),
                    ),
                    models.Q(
                        models.Q(("purpose", "confirm"), _negated=True),
                        ("subscriber__isnull", False),
                        ("subscription", None),
                    ),
                    _connector="OR",
                ),
                name="a_link_is_for_one_thing",
            ),
        ),
    ]
