"""The single view of a customer: party, contacts, consent, relations, keeper, holdings."""
