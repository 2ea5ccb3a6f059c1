"""What answers to a survey say (客户满意度): shares and scores with their intervals, weighting to the customer base."""
