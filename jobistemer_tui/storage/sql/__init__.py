"""What the backends that speak SQL have in common: the texts of statements, and transactions over them."""
