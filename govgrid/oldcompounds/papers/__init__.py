"""Papers of coverage: the report for the housing department."""
