"""The history of the tables: alembic's environment and one file per revision."""
