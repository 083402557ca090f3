"""python -m iapt_ledger.refresh: the same as `iapt-ledger refresh`"""

import sys

from iapt_ledger.command import main

if __name__ == "__main__":
    sys.exit(main(["refresh", *sys.argv[1:]]))
