"""The server: the HTTP API, the inbox, and what they share at the edge."""
