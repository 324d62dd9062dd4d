"""A room: groups of a class on one server, rounds that a leader begins and ends, what each group hands in."""
