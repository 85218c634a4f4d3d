"""The stack: configuration, decisions and checks, without starting anything heavy."""
