"""E-mail: letters, which are pure, and the sender that hands them in."""
