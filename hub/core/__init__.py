"""The pure heart: words and decisions. Standard library only, no clock, no I/O (an import contract checks it)."""
