"""How a city is laid out: districts, people, grid, roads and supply over the map of its water mains."""
