"""Layout of the pages: empty frames with ids; scripts and figures fill them."""
