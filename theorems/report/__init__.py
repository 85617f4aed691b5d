"""What is said of claims: queries of the catalogue, the ledger, totals, and how they are printed."""
