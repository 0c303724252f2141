"""The parts of the store contract, one for each noun; ``signoff.testing.store_contract`` is all."""
