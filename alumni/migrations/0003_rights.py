"""Writing to a member, hiding, the record of accesses, and what is kept of the forgotten."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import alumni.vocabulary
import newsletters.addresses

REFUSE = """
CREATE FUNCTION alumni_access_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('rabita.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'who looked at what is never changed, and deleted by retention and erasing alone';
END $$;
CREATE TRIGGER access_is_append_only BEFORE UPDATE OR DELETE ON alumni_access
    FOR EACH ROW EXECUTE FUNCTION alumni_access_refuse();
CREATE TRIGGER access_is_not_emptied BEFORE TRUNCATE ON alumni_access
    FOR EACH STATEMENT EXECUTE FUNCTION alumni_access_refuse();
"""
ALLOW = """
DROP TRIGGER access_is_append_only ON alumni_access;
DROP TRIGGER access_is_not_emptied ON alumni_access;
DROP FUNCTION alumni_access_refuse();
"""
USER = settings.AUTH_USER_MODEL
KEY = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    dependencies = [("alumni", "0002_followup")]

    operations = [
        migrations.CreateModel(
            name="Access",
            fields=[
                KEY,
                (
                    "subject",
                    models.CharField(
                        blank=True,
                        db_index=True,
                        help_text="A person's key; empty: a list.",
                        max_length=30,
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("record", "opened your record, with address and phone"),
                            ("page", "opened your page"),
                            ("conversation", "read a conversation that was reported"),
                            ("list", "took out a list with you on it"),
                            ("hidden", "hid you"),
                            ("shown", "ended your hiding"),
                            ("stopped", "stopped all mail to you, because you asked"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True, help_text="Purpose, fields, count.", max_length=500
                    ),
                ),
                ("by", models.BigIntegerField(help_text="The colleague's number.")),
                ("by_name", models.CharField(max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "access",
                "verbose_name_plural": "accesses",
                "ordering": ["-at", "-id"],
                "permissions": [("take_out_list", "Can take lists of people out")],
            },
        ),
        migrations.CreateModel(
            name="Forgotten",
            fields=[KEY, ("hash", models.CharField(max_length=64, unique=True))],
        ),
        migrations.CreateModel(
            name="Departed",
            fields=[
                KEY,
                ("completion", models.CharField(max_length=20)),
                (
                    "trait",
                    models.CharField(
                        choices=[("gender", "gender"), ("country", "country")], max_length=10
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=2)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="departed",
                        to="alumni.courserun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "completion", "trait", "value"),
                        name="departed_are_counted_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hiding",
            fields=[
                KEY,
                (
                    "institution",
                    models.CharField(blank=True, max_length=200, verbose_name="institution"),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        choices=alumni.vocabulary.countries,
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "is_own",
                    models.BooleanField(
                        default=False, help_text="The person did it: only the person ends it."
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=300, verbose_name="why")),
                (
                    "began_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="since"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "began_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=USER,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=USER,
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hidings",
                        to="alumni.profile",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "hiding",
                "verbose_name_plural": "hidings",
                "ordering": ["-began_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("country", ""), ("institution", ""), ("profile__isnull", False)
                            ),
                            models.Q(
                                ("country", ""),
                                ("is_own", False),
                                ("profile__isnull", True),
                                models.Q(("institution", ""), _negated=True),
                            ),
                            models.Q(
                                ("institution", ""),
                                ("is_own", False),
                                ("profile__isnull", True),
                                models.Q(("country", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hides_a_person_or_an_institution_or_a_country",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Coalesce("profile", 0),
                        models.F("institution"),
                        models.F("country"),
                        models.F("is_own"),
                        condition=models.Q(("ended_at", None)),
                        name="hidden_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                KEY,
                (
                    "key",
                    models.CharField(
                        default=newsletters.addresses.new_key, max_length=22, unique=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waits for an answer"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "asked",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="was_asked",
                        to="alumni.profile",
                    ),
                ),
                (
                    "asker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="asked",
                        to="alumni.profile",
                    ),
                ),
            ],
            options={
                "verbose_name": "conversation",
                "verbose_name_plural": "conversations",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Least("asker", "asked"),
                        django.db.models.functions.comparison.Greatest("asker", "asked"),
                        condition=models.Q(("asked__isnull", False), ("asker__isnull", False)),
                        name="two_people_have_one_conversation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asker", models.F("asked")), _negated=True),
                        name="nobody_writes_to_himself_or_herself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                KEY,
                ("text", models.TextField(max_length=4000)),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "is_withheld",
                    models.BooleanField(
                        default=False, help_text="Its author was blocked: only the author sees it."
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        help_text="Empty: someone who has left.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="messages",
                        to="alumni.profile",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="alumni.conversation",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ["written_at", "id"],
                "indexes": [
                    models.Index(fields=["author", "written_at"], name="message_of_author_by_time")
                ],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                KEY,
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "against",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocked_by",
                        to="alumni.profile",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocks",
                        to="alumni.profile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("by", "against"), name="blocked_once"),
                    models.CheckConstraint(
                        condition=models.Q(("by", models.F("against")), _negated=True),
                        name="nobody_blocks_oneself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                KEY,
                (
                    "why",
                    models.CharField(blank=True, max_length=1000, verbose_name="what is wrong"),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="reported"
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(blank=True, max_length=300, verbose_name="what was done"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="complaints",
                        to="alumni.profile",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="complaints",
                        to="alumni.conversation",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=USER,
                    ),
                ),
            ],
            options={
                "verbose_name": "reported conversation",
                "verbose_name_plural": "reported conversations",
                "ordering": ["settled_at", "-at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)),
                        fields=("conversation", "by"),
                        name="reported_once_at_a_time",
                    )
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
