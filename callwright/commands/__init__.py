"""The short commands of the front door, a module each, so that each loads no more of the house than it needs."""
