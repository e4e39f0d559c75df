"""Complaint cases, the service clock and the four rates."""
