# Makes the code a link.
# verdict: guard_rejected
ln -sf /etc/hostname shop.py
