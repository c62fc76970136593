"""Solstice: the self-hosted short-video platform that does not go dark."""
