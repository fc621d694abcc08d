"""The database refuses to change a consent; only retention may delete one."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION newsletters_consent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a consent is never changed: add a row that says what is true now';
END $$;
CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON newsletters_consent
    FOR EACH ROW EXECUTE FUNCTION newsletters_consent_refuse();
"""
ALLOW = """
DROP TRIGGER consent_is_append_only ON newsletters_consent;
DROP FUNCTION newsletters_consent_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("newsletters", "0002_approved_by")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
