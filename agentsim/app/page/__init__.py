"""The page that a browser shows: its components, its words and what a visitor has chosen."""
