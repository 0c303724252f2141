"""The embedded store: one file, one writer, as many readers as there is work for."""
