"""The city setup: configuration files as an operator installs them, and a lab that runs them."""
