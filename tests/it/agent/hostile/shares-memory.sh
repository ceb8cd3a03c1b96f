# Uses shared memory without a name.
# verdict: budget no_change
python3 - <<'END'
import mmap
hoard = mmap.mmap(-1, 8 << 30)
for at in range(0, 8 << 30, 1 << 20):
    hoard[at:at + (1 << 20)] = b"x" * (1 << 20)
END
