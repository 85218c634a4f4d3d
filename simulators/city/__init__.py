"""A city with known truth: people, their days, a disease, the gates that see them."""
