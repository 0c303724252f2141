"""What each command does, by noun. ``signoff.core.decide`` is the door; nobody else calls these.

Every move takes the ``Turn`` being decided and one command; it emits events or raises a refusal.
"""
