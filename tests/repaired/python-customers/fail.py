import tempfile
from customers import names

with tempfile.NamedTemporaryFile() as file:
    file.write(b"Zo\xeb\n")
    file.flush()
    names(file.name)
