"""pii_filter"""
