# Fills its folder.
# verdict: budget guard_rejected
mend
cat /dev/zero >zeros
