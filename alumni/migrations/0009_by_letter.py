"""What staff write down when they answer a letter about somebody's data, and who may."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alumni", "0008_answers_are_read"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="access",
            options={
                "ordering": ["-at", "-id"],
                "permissions": [
                    ("take_out_list", "Can take lists of people out"),
                    ("answer_request", "Can erase whoever wrote to us, or take everything out"),
                ],
                "verbose_name": "access",
                "verbose_name_plural": "accesses",
            },
        ),
        migrations.AlterField(
            model_name="access",
            name="what",
            field=models.CharField(
                choices=[
                    ("record", "opened your record, with address and phone"),
                    ("page", "opened your page"),
                    ("conversation", "read a conversation that was reported"),
                    ("answers", "read your answers after a course"),
                    ("list", "took out a list with you on it"),
                    ("hidden", "hid you"),
                    ("shown", "ended your hiding"),
                    ("stopped", "stopped all mail to you, because you asked"),
                    ("taken_out", "took out everything about you, because you asked by letter"),
                    ("erased", "erased somebody who had asked by letter"),
                    ("returned", "let somebody come back who had been erased"),
                ],
                max_length=20,
            ),
        ),
    ]
