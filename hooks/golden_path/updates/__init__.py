"""What an update may have left: edits that moved, and functions of another release."""
