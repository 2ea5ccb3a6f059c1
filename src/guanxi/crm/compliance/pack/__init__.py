"""The audit pack (合规审计包): consent, access, rules and open exceptions of a span, the same from the same data."""
