"""`python -m yian`: the same as `yian`."""

from yian.cli import main

if __name__ == "__main__":
    main()
