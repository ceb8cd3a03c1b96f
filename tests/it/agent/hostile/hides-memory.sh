# Keeps memory in files without names.
# verdict: fixed
mend
python3 - <<'END'
import os
try:
    for at in range(64):
        file = os.memfd_create("hoard")
        os.write(file, b"x" * (64 << 20))
    print("escaped")
except OSError as error:
    print(error)
END
