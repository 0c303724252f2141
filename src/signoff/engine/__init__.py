"""THE SHELL: the one door through which everything is written, and what runs around it."""
