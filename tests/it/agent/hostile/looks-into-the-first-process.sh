# Looks into the first process of its sandbox.
# verdict: fixed
mend
python3 - <<'END'
for name in ("mem", "environ", "maps", "fd", "root", "cwd", "exe"):
    path = "/proc/1/" + name
    try:
        import os
        found = os.listdir(path) if name in ("fd", "root", "cwd") else open(path, "rb").read(64)
        print("escaped", name, found)
    except OSError as error:
        print(error)
END
