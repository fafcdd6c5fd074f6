"""Wiring and web of the hub; importing it loads nothing else."""
