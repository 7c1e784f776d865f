"""What the house knows, as frozen values, and the rules that need no database. Knows nothing but the kernel."""
