"""Changes of areas: planned as steps over every row that names them, previewed, done, undone."""
