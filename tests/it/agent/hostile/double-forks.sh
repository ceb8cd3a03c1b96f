# Daemonises as the book says.
# verdict: fixed
mend
python3 - <<'END'
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "86399"])
    os._exit(0)
END
