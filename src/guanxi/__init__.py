"""Guanxi (关系): a CRM platform for city and rural commercial banks."""
