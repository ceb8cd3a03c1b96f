import os
import tempfile
import unittest

from customers import names


class CustomersTest(unittest.TestCase):
    def test_names_are_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "names")
            with open(path, "w", encoding="utf-8") as file:
                file.write("Ada\nZo\u00eb\n")
            self.assertEqual(names(path), ["Ada", "Zo\u00eb"])
