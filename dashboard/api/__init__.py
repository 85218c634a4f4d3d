"""What the war room answers over HTTP and the web socket."""
