"""Failed assertions of the shipped contract suite explain themselves as those of any test do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("signoff.testing.contract")
