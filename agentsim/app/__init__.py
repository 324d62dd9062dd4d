"""The page in the browser. Runs are computed by worker processes and played back from recordings."""
