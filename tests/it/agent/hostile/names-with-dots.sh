# Names that lead elsewhere.
# verdict: guard_rejected
mend
echo evil >'..\\evil'
echo evil >$'a\nb'
