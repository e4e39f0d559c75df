"""The whole city setup on one machine, each host in a network namespace of its own."""
