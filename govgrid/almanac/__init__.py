"""The year's calendar as people meet it: its days, notices that come in, what they hit."""
