"""What is wrong with a log, in thousands of ways, each with the index that a verdict must name."""

from tests.audit.mutants.families import FAMILIES, mutants
from tests.audit.mutants.mutant import Made, Mutant

__all__ = ["FAMILIES", "Made", "Mutant", "mutants"]
