from datetime import datetime, timezone
from trial import is_over

is_over(datetime(2020, 1, 1, tzinfo=timezone.utc))
