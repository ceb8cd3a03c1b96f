# Prints 1 GB.
# verdict: fixed
mend
head -c 1073741824 /dev/zero | tr "\0" "x"
