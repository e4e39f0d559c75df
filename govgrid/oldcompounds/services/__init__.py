"""Differentiated service plans of a compound: what is done, what it costs, what closes the gap."""
