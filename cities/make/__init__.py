"""The commands that made the packs shipped here, kept so that they can be made again."""
