"""A small live city without people of its own: passages as a city's gates would see them."""
