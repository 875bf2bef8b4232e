"""Everything of one store into another one, whatever their backends, and whether two have the same."""
