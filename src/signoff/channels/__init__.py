"""How people are told beside the inbox, and other systems: render, which is pure, and send."""
