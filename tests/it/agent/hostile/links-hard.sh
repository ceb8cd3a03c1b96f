# Hard links out of its folder.
# verdict: fixed
mend
ln /etc/passwd leak.txt || true
ln "$CANARY" leak2.txt || true
