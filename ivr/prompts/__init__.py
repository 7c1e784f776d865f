"""What callers hear: the words (catalogue), the voice that speaks them (espeak, or tones), the files (store)."""

from ivr.prompts.store import PromptReport, ensure_prompts, prompt_problems, prompts_folder

__all__ = ["PromptReport", "ensure_prompts", "prompt_problems", "prompts_folder"]
