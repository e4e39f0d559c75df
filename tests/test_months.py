"""Tables by month: rows find their partition, months go whole, the way there and back keeps all."""
