"""How alembic applies the migrations: over the connection that `graphlink.workspace.store.opening` gives."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
