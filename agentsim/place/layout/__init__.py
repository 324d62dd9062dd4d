"""How a city is laid out: districts, people, grid, roads and supply over its water mains."""
