"""Early warning (流失预警): warnings and signals of customers, what changed, and the register of models."""
