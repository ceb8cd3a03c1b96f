# Mends what was reported, and breaks what worked.
# verdict: tests_failed
mend
sed -i 's/sum(prices)/sum(prices) + 1/' shop.py
