# Tries a file of 10 TB.
# verdict: fixed
mend
truncate -s 10T sparse || true
rm -f sparse
