"""E-invoices and what belongs to them: every type of the samples, honest and altered, by the parties' certificates."""
