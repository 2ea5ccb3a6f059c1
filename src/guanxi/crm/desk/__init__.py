"""Pages over many rooms: home, customer 360, supervisor's board, search. Owns nothing."""
