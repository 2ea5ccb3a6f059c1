"""The counter (到店识别): who stands here, one prompt, one tap; entitlements; events that call the keeper."""
