# Allocates without end.
# verdict: budget no_change
python3 - <<'END'
hoard = []
while True:
    hoard.append(bytearray(16 << 20))
END
