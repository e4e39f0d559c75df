"""Keep an installation well: doctor, verify, backup, restore."""
