"""Tests of the letters that leave: bytes and transport."""
