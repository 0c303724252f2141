"""What every test has in common."""

from hypothesis import settings

# Machines are shared: an example that takes long says nothing. A failure prints how to repeat it.
settings.register_profile("signoff", deadline=None, print_blob=True)
settings.load_profile("signoff")
