"""Import and export on pages and in the worker: mapping, preview, apply, journalled exports."""
