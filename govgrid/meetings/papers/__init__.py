"""Minutes on paper: values in, PDF bytes out; nothing here knows the database."""
