import os
import tempfile
import unittest

from customers import names


class ReportedTest(unittest.TestCase):
    def test_an_old_encoding_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "names")
            with open(path, "wb") as file:
                file.write(b"Zo\xeb\n")
            self.assertEqual(names(path), ["Zo\u00eb"])
