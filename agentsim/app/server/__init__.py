"""The server behind the page: request checks, job queue, worker processes."""
