"""The backend for many machines: one schema of a PostgreSQL database (https://www.postgresql.org), over psycopg 3."""

from jobistemer_tui.storage.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
