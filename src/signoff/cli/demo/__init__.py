"""``signoff demo``: the main job end to end, on one machine, with real processes."""

from signoff.cli.demo.command import demo

__all__ = ["demo"]
