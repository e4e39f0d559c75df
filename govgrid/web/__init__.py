"""Page, forms, CSRF, language, render; base templates and static files."""
