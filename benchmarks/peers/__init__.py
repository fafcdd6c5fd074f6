"""How others do it, or how one does it at first: what our figures are compared with."""
