"""Finding an elder while somebody talks, among all the elders of a city."""
