"""What every room uses: the charter, messages, parameters, streams of chance, units, errors."""
