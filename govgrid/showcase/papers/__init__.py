"""Posters of the showcase."""
