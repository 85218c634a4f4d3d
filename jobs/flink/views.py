"""Views: one named SQL statement each, so that a job reads in the order of its diagram."""

from __future__ import annotations

from pyflink.table import TableEnvironment


def view(tables: TableEnvironment, name: str, statement: str) -> None:
    """Name the result of one SELECT."""
    tables.create_temporary_view(name, tables.sql_query(statement))
