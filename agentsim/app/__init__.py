"""The page: see it, predict it, change it. Runs are computed beside it and played back from recordings."""
