"""The nightly run: walks the steps, publishes to the operational store, exports back."""
