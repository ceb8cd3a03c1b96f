# Makes the tests a link.
# verdict: guard_rejected
mend
mv tests /tmp/tests
ln -s /tmp/tests tests
