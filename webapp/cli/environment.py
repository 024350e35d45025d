"""A command's configuration, read from the environment."""

import click

from webapp.config import Config, ConfigError


def read_config() -> Config:
    """The environment's configuration; a bad variable ends the command with its sentence."""
    try:
        return Config.from_environment()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"CONNECTOR_HOME cannot be used: {error.strerror}.") from error
