"""`python -m stack`, which `./hexline` hands over to."""

from stack.mounted import main

if __name__ == "__main__":
    main()
