"""The interface for other programs: cases in; meetings, minutes, coverage and rates out."""
