"""The native API: one file of handlers per noun, and one table of all its routes."""
