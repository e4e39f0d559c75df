"""A demo city on the real tree of Chengdu."""
