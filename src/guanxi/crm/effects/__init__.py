"""What campaigns did: read-outs against the group held out, and what was learned."""
