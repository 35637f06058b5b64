"""Plans as people save, propose and arrange them."""
