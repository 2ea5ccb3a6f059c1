"""High-level contacts (接近客户高层要员): whose word counts at a customer, and who of ours knows them."""
