"""Plans the meetings of a month over people who sit in many of them: pure values in and out."""
