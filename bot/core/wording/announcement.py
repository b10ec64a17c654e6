"""What an owner tells everybody, as it is read."""

from bot.core.message.blocks import Block, Message, Role, Run


def announcement(text: str) -> Message:
    """The text with its lines and paragraphs as typed; nothing in it is markup, but addresses can be pressed."""
    return Message(paragraphs(text))


def paragraphs(text: str) -> tuple[Block, ...]:
    """A block for each line; an empty line begins a paragraph."""
    blocks: list[Block] = []
    begins = True
    for line in text.splitlines():
        if line.strip():
            blocks.append(Block((Run(line.rstrip(), live=True),), Role.TEXT if begins else Role.ROW))
        begins = not line.strip()
    return tuple(blocks)
