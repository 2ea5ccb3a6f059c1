"""The product library (金融产品库): the list, one product with its terms, whom it suits, and who holds it."""
