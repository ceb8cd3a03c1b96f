# Does nothing, and ends well.
# verdict: no_change
true
