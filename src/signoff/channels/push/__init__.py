"""Web push: a notice in a browser of which no page is open."""
