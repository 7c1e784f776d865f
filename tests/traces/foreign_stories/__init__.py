"""What happened in the small office: each story is played by real phones and answers with the calls to be told."""

from tests.traces.foreign_stories import blind, consulted, incoming, outgoing, rooms, several

STORIES = (
    *incoming.STORIES,
    *several.STORIES,
    *blind.STORIES,
    *consulted.STORIES,
    *outgoing.STORIES,
    *rooms.STORIES,
)
