"""`crossdock completion`: the script that teaches a shell to complete `crossdock`.

Invariant: printing the script imports no other command.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_HOW = {
    "bash": 'eval "$(crossdock completion bash)"     # in ~/.bashrc',
    "zsh": 'eval "$(crossdock completion zsh)"      # in ~/.zshrc',
    "fish": "crossdock completion fish | source       # in ~/.config/fish/config.fish",
}


@click.command("completion", short_help="Print the shell completion script.")
@click.argument("shell", type=click.Choice(sorted(_HOW)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the shell completion script.

    \b
    bash:  eval "$(crossdock completion bash)"      in ~/.bashrc
    zsh:   eval "$(crossdock completion zsh)"       in ~/.zshrc
    fish:  crossdock completion fish | source       in ~/.config/fish/config.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click completes every shell that the choice allows"
    click.echo(kind(ctx.find_root().command, {}, "crossdock", "_CROSSDOCK_COMPLETE").source())
