"""Segments (客群): rules over facts and lists of customers, named, owned, versioned, shared; counted as one looks."""
