"""What people do in Slack, from a request of Slack's through the one door."""
