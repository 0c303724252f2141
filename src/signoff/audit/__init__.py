"""The proof: what a stranger needs to check the log, with nothing of Signoff beside it."""
