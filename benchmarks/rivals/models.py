"""Who is written to, and what became of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

READERS = """
CREATE TABLE rivals_reader AS
SELECT s.id, s.address, s.languages[1] AS language, x.interests, x.key AS u, s.key AS p
FROM newsletters_subscriber s JOIN newsletters_subscription x ON x.subscriber_id = s.id;
ALTER TABLE rivals_reader ADD PRIMARY KEY (id);
ANALYZE rivals_reader
"""


class Reader(models.Model):
    """A copy of the product's readers in one table."""

    address = models.EmailField()
    language = models.CharField(max_length=12)
    interests = ArrayField(models.TextField())
    u = models.CharField(max_length=22)
    p = models.CharField(max_length=22)

    class Meta:
        managed = False

    @property
    def tokens(self) -> dict[str, str]:
        """What differs from mail to mail: to unsubscribe, and for preferences."""
        return {"u": self.u, "p": self.p}


class Status(models.Model):
    """A mail that was handed over."""

    reader = models.ForeignKey(Reader, models.CASCADE)
    status = models.CharField(max_length=20)
    message_id = models.CharField(max_length=200)
    sent_at = models.DateTimeField(auto_now_add=True)


def make_tables() -> None:
    """Both, with the readers in the first; outside the race."""
    with connection.cursor() as cursor:
        cursor.execute(READERS)
    with connection.schema_editor() as editor:
        editor.create_model(Status)
