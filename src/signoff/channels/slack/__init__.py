"""Slack: messages, which are pure, the sender that posts them, and what keeps them true."""
