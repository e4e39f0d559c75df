"""The journal's page: who may read it, filters, one line with before and after, export."""
