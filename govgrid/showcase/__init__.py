"""The two panels that a property project publishes for a period."""
