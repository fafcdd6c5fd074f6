"""``ortsruf look``: the colour, the logo and the words of a municipality's pages."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli import main, print_table, show
from hub.cli.commands import JSON
from hub.cli.sources import building_of
from hub.core.errors import SettingsError

_SHOWN = ("colour", "logo", "imprint_url", "easy_url", "sign_url", "enforcement", "barriers")


@main.command()
@click.argument("municipality")
@click.option("--colour", help="Its colour as #rrggbb. Where it is read, it is made readable.")
@click.option(
    "--logo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="SVG or PNG file, up to 64 KB."
)
@click.option("--no-logo", is_flag=True, help="Take the logo away.")
@click.option("--imprint", "imprint_url", help="Address of its imprint.")
@click.option("--easy", "easy_url", help="Address of its page in plain language (Leichte Sprache).")
@click.option("--sign", "sign_url", help="Address of its page in sign language.")
@click.option("--enforcement", help="Whom to turn to about barriers that stay: name and address of the Land's body.")
@click.option("--barriers", help="Barriers that are known, one a line, for the accessibility statement.")
@JSON
@click.pass_context
def look(
    ctx: click.Context, /, municipality: str, *, logo: Path | None, no_logo: bool, as_json: bool, **given: str | None
) -> None:
    """Show or change how the pages of MUNICIPALITY look. An empty value takes it away; what is left out stays.

    \b
    ortsruf look huertgenwald --colour '#1d6b3c' --logo wappen.svg
    ortsruf look huertgenwald --imprint https://www.huertgenwald.de/impressum
    """  # noqa: D301 - click reads the backspace
    from hub.jobs.dress import dress, remarks

    if logo and no_logo:
        raise SettingsError("Give --logo or --no-logo, not both.")
    content = b"" if no_logo else logo.read_bytes() if logo else None
    changed = {name: value for name, value in given.items() if value is not None}
    with building_of(ctx) as building:
        town = dress(building.house, municipality, changed, content)
    data = {"municipality": town["id"], **{name: town[name] for name in _SHOWN}, "remarks": remarks(town)}
    rows = [(name, str(data[name]) or "–") for name in _SHOWN]
    show(data, as_json=as_json, table=lambda: print_table(f"The look of {town['name']}", ("what", "value"), rows))
    for remark in [] if as_json else remarks(town):
        click.echo(remark, err=True)
