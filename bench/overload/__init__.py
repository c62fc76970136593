"""Overload: the same servers behind the balancers people use, and behind Solstice's edge."""
