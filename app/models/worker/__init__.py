"""A language model in a process of its own: where it crashes, it costs one reply and nothing else.

`WorkerChat` (chat.py) is the ChatModel that the program sees, `WorkerEmbedder` (embed.py) the Embedder;
`WorkerProcess` (process.py) starts the other process and talks with it; `serving.py` is what runs there, over
the model itself. What they say to each other is in protocol.py.
"""
