"""The power grid: dispatch, feeders, microgrids, storage, cascades."""
