"""One module a reference page: each reads the code and returns the page's Markdown."""
