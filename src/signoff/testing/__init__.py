"""What tests of Signoff, ours and yours, are made with."""
