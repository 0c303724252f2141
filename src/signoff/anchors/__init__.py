"""Who is given checkpoints: a file, a git remote, a mailbox, a timestamp authority, witnesses."""
