"""The store for several servers at once, on PostgreSQL."""
