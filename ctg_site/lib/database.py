"""What a database must be told by hand."""

from django.db import connection
from django.db.models import Model


def analyze(*models: type[Model]) -> None:
    """Count what a bulk load has just written: PostgreSQL plans on its last count, and an hour of the old one is long."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models))
