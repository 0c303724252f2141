"""What auditors' tools read, made from the entries of a bundle: never a source of its own."""

from .about import About
from .cloudevents import convert as cloudevents
from .html import convert as html
from .ocsf import convert as ocsf
from .table import convert as csv

__all__ = ["FORMATS", "About", "cloudevents", "csv", "html", "ocsf"]

FORMATS = {"csv": csv, "ocsf": ocsf, "cloudevents": cloudevents, "html": html}
"""From the name of a format to ``convert(entries, about)``, which yields its text in pieces."""
