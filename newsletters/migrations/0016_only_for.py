from django.db import migrations, models

KNOWN = """
UPDATE newsletters_edition e SET only_for = jsonb_build_array(i.criteria)
FROM newsletters_issue i WHERE i.id = e.issue_id AND i.criteria <> '{}';
UPDATE newsletters_edition e SET only_for = '[{"audience": "not written down"}]'
FROM newsletters_issue i WHERE i.id = e.issue_id AND i.kind = 'digest' AND EXISTS (
    SELECT 1 FROM newsletters_fragment f WHERE f.issue_id = e.issue_id
        AND f.language = e.language AND f.entry = ANY (e.selection) AND NOT f.is_public
);
"""
"""Of digests it was never written down who may read what not all may: nobody gets it any more."""


class Migration(migrations.Migration):
    dependencies = [
        ("newsletters", "0015_owed"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="only_for",
            field=models.JSONField(
                default=list,
                db_default=[],
                help_text="Criteria; its readers meet them all, and are asked again before each call.",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="exception",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "as its batch"),
                    ("suppressed", "do not mail"),
                    ("left", "left before it was handed over"),
                    ("not_theirs", "not meant for them any more"),
                    ("failed", "failed"),
                    ("unknown", "not known whether it arrived"),
                    ("accepted", "handed to the mail service"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
