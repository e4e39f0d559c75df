"""What is known of meetings as sheets."""
