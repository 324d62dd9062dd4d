"""The page that a browser shows: its parts, its words and what a visitor has chosen."""
