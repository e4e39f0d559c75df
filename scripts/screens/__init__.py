"""The pictures in docs/screens, taken by walking through the demo city."""
