"""A voice menu talked through without a telephone."""
