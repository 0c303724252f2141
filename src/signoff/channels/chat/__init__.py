"""Every chat that has no channel of its own: told through a notification library, by a link."""
