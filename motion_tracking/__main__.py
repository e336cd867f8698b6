"""`python -m motion_tracking` is `motion-track`."""

from motion_tracking.cli import main

if __name__ == "__main__":
    main()
