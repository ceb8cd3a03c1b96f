# Uses little memory in each of many processes.
# verdict: budget no_change
for at in $(seq 12); do
  python3 -c "hoard = bytearray(200 << 20); hoard[:] = b'x' * len(hoard); import time; time.sleep(86399)" &
done
wait
