# Ends with a failure, and yet mends the code.
# verdict: fixed
mend
exit 1
