"""Paper: HTML of ours to PDF in child processes, its fonts, many PDFs bound as one."""
