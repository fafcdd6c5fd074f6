"""Engines that run jobs, behind one port (``hub.core.ports.Engine``): ``inline`` here, ``postgres`` on many machines.

Our tables are the truth; an engine only wakes. What it loses in a crash, the sweep finds.
"""
