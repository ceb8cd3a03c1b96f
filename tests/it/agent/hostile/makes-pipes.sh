# Leaves a pipe.
# verdict: guard_rejected
mend
mkfifo pipe
