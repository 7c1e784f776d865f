"""Skills and departments of the house."""
