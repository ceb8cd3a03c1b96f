# Writes through a link.
# verdict: guard_rejected
mend
ln -s /tmp out
echo evil >out/outside
