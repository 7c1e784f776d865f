"""What a node is called; here, because nodes of every kind are named before there is a flow."""

from __future__ import annotations

from typing import NewType

NodeId = NewType("NodeId", str)
