"""Measurements: what this machine can do, and how much of it Signoff reaches, in one run."""
