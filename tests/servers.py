"""The PostgreSQL of the tests, for another process."""

import os
from urllib.parse import urlsplit

from django.db import connection


def on_this_server(name: str) -> str:
    """The address of one of its databases, as DATABASE_URL."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def wait_for_the_others() -> None:
    """Until nobody else works in this database: after a kill, the server may still end what it was asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DO $$
            BEGIN
                FOR tries IN 1..3000 LOOP
                    EXIT WHEN NOT EXISTS (
                        SELECT FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
                    );
                    PERFORM pg_sleep(0.01);
                    PERFORM pg_stat_clear_snapshot();
                END LOOP;
            END $$
            """
        )
