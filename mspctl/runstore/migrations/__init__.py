"""Alembic's environment and the steps from each schema to the next; `mspctl.runstore.schema` runs them."""
