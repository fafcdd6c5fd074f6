"""Severe-weather and civil-protection warnings: CAP 1.1 and 1.2 however they are wrapped.

Single alerts, zip bundles and folders of the DWD, Atom and RSS feeds of alerts (MeteoAlarm, NWS), NINA's JSON
(MoWaS, KATWARN, BIWAPP, LHP, police). Whatever the wrapping, it becomes one ``<alert>`` tree, and from there on
there is one way: ``alert`` -> ``normalise``.
"""

from hub.core.source import ConfigField

KIND = "cap"
SCHEMES = ("nina",)
TOPIC = "warnings"
INTERVAL = 300
CONFIG = (
    ConfigField(
        "areas",
        "Only warnings that touch one of these areas: warn cells, AGS or ARS or their beginnings, separated by commas;"
        " empty: the source's places",
    ),
    ConfigField("language", "Language shown first (de, en …); empty: the source's own"),
    ConfigField(
        "without", "Channels of NINA to leave out, because another source brings them: dwd, lhp, kat …, by commas"
    ),
    ConfigField(
        "sender", "Only alerts of these senders (as <sender> has them), separated by commas; empty: of anybody"
    ),
    ConfigField(
        "signature",
        "Accept only alerts that are signed with the certificate below (required-sha1: even with the old SHA-1)",
        choices=("", "required", "required-sha1"),
    ),
    ConfigField("certificate", "The signer's or its authority's certificate as PEM text, or the signer's SHA-256"),
)
