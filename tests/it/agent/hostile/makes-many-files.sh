# Leaves very many files.
# verdict: guard_rejected
mend
mkdir many && cd many && seq 20000 | xargs touch && for at in 1 2 3 4 5 6 7 8 9 10 11; do echo x >$at; done
