"""The demonstration: the seed's territory and three others, played through the services as people would have."""
