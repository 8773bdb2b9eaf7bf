"""Run by Alembic: migrate over the connection that the run log gave it."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transaction_per_migration=False,
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
