"""分层试算: drafts of policies, what they would change before anyone is touched, and what they did."""
