"""City packs: what a city is made of, read from a folder and checked before it is used."""
