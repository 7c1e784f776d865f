"""The live board: queues, waiting callers, agents and calls as they are this moment."""
