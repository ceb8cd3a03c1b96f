# Links out of its folder.
# verdict: guard_rejected
mend
ln -s /etc/passwd leak.txt
