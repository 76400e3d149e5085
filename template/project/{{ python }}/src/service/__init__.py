"""handlers: one a function, lean. domain: the business, free of AWS. adapters: between the two."""
