# Leaves a binary file.
# verdict: guard_rejected
mend
head -c 100 /dev/urandom >blob
