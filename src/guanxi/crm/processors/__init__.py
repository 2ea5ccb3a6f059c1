"""Processors (受托处理者): who behind each channel gets customers' data, under which contract, and where it goes."""
