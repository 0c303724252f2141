"""The log: every event and fact a leaf of one tree per workspace, and what is done with it."""
