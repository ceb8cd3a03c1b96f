# Leaves a process behind that goes on writing.
# verdict: fixed
mend
setsid nohup bash -c "while :; do sleep 86399; echo late >>shop.py; done" >/dev/null 2>&1 &
disown
