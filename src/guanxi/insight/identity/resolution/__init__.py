"""Identity resolution (客户归并): comparison inputs, pairs with their evidence, persons made of several numbers."""
