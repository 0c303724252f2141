"""Webhooks: what other systems are told, which is pure, and how it is sent to where it may go."""
