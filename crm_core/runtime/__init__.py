"""The bus, twice: within one process, and over Redis. The same contract tests hold both."""
