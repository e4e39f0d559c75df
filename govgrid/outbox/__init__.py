"""Letters waiting to leave, stored in the transaction that caused them."""
