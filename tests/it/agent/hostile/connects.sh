# Opens TCP connections.
# verdict: no_change
for address in 127.0.0.1/$SERVER_PORT 127.0.0.1/22 1.1.1.1/443 169.254.169.254/80 10.0.0.1/80; do
  (exec 3<>/dev/tcp/$address) 2>/dev/null && echo "escaped to $address"
done
true
