"""Deadlines and places that portals tell in German prose."""

from __future__ import annotations

import pytest


def feed(*items: str, root: str = "<rss version='2.0'><channel>{}</channel></rss>") -> bytes:
    return root.format("".join(items)).encode()


def entry(description: str, title: str = "Dachsanierung", link: str = "https://example.org/1") -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><description><![CDATA[{description}]]></description>"
        "<pubDate>Mon, 04 Mar 2030 06:00:00 +0100</pubDate></item>"
    )


@pytest.mark.parametrize(
    ("prose", "deadline"),
    [
        ("Angebotsfrist: <b>27.03.2030 10:00 Uhr</b>", "2030-03-27T10:00:00+01:00"),
        ("Abgabefrist: 27.03.2030", "2030-03-27T23:59:59+01:00"),
        ("Angebotsfrist: 2. April 2030, 9.30 Uhr<br>", "2030-04-02T09:30:00+02:00"),
        ("Schlusstermin: 1. März 2030 um 12 Uhr", "2030-03-01T12:00:00+01:00"),
        ("Ablauf der Angebotsfrist: 7.4.2030 11:00", "2030-04-07T11:00:00+02:00"),
        ("<p>Text</p><p>Frist: 3. Sept. 2030</p>", ""),
        ("Angebotsfrist: 31.02.2030 10:00 Uhr", ""),
        ("Angebotsfrist: siehe Unterlagen", ""),
        ("Bindefrist: 27.03.2030", ""),
        ("Ausführung: 27.03.2030", ""),
        ("", ""),
    ],
)
def test_deadline_in_prose(prose, deadline, notices):
    (notice,) = notices(feed(entry(prose)))
    found = notice.deadline.isoformat() if notice.deadline else ""
    assert found == deadline
    assert len(notice.occurrences) == bool(deadline)


def test_place_buyer_and_cpv_in_prose(notices):
    (notice,) = notices(
        feed(
            entry(
                "Auftraggeber: Stadt &amp; Land<br/>Ausführungsort: 52511 Geilenkirchen, DEA29<br/>CPV-Code: 45261000-4"
            )
        )
    )
    assert notice.publisher == "Stadt & Land"
    assert [(one.scheme, one.value, one.name) for one in notice.places] == [
        ("plz", "52511", "Geilenkirchen"),
        ("nuts", "DEA29", ""),
    ]
    assert notice.cpv == ("45261000",)


def test_markup_never_reaches_the_text(notices):
    (notice,) = notices(feed(entry("<script>alert(1)</script>Dach<br>&lt;b&gt;neu", title="A &lt;b&gt;fett&lt;/b&gt;")))
    assert notice.title == "A fett"
    assert "<script" not in notice.texts[0].body
    assert notice.texts[0].html == ""


def test_called_off_in_the_title(notices):
    assert notices(feed(entry("", title="Aufhebung: Dachsanierung")))[0].status.value == "cancelled"
    assert notices(feed(entry("", title="Dachsanierung nach Aufhebung")))[0].status.value == "active"


def test_entry_without_identity_is_a_fault(make_fetched):
    from feeds.tenders.parse import parse

    items = parse(make_fetched(feed(entry(""), "<item><title>x</title></item>", "<item><guid>1</guid></item>")))
    assert [one.fault for one in items] == ["", "The entry has neither an id nor a link.", "The entry has no title."]


def test_atom_is_read_too(notices):
    atom = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>tag:1</id><title>Dach</title>"
        b"<link rel='self' href='https://example.org/self'/><link href='https://example.org/1'/>"
        b"<updated>2030-03-04T05:00:00Z</updated><summary>Frist: 27.03.2030 10:00 Uhr</summary></entry></feed>"
    )
    (notice,) = notices(atom)
    assert "tag:1" in notice.references
    assert (notice.url, notice.sent.year) == ("https://example.org/1", 2030)
    assert notice.deadline is not None


def test_empty_feed_is_no_error(notices):
    assert notices(feed()) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"link": "http://example.org/1"},
        {"link": "https://example.org/1?utm_source=rss"},
        {"guid": "<guid>other</guid>"},
        {"guid": "<guid>https://example.org/1#today</guid>"},
    ],
)
def test_one_tender_is_one_notice_whatever_its_ids_do(changed, notices):
    def item(link="https://example.org/1", guid="<guid>1</guid>"):
        return entry("Angebotsfrist: 27.03.2030 10:00 Uhr", link=link).replace("</item>", f"{guid}</item>")

    (first,), (second,) = notices(feed(item())), notices(feed(item(**changed)))
    assert {first.key, *first.references} & {second.key, *second.references}


def test_value_procedure_and_the_buyers_town_in_prose(notices):
    (notice,) = notices(
        feed(entry("Vergabestelle: Gemeinde Musterdorf, 12345 Musterdorf<br>Auftragswert: ca. 1.250.000,50 EUR<br>"
                   "Verfahrensart: Öffentliche Ausschreibung"))
    )  # fmt: skip
    assert notice.value.amount == 1_250_000.5
    assert {fact.name: fact.value for fact in notice.facts}["procedure"] == "Öffentliche Ausschreibung"
    assert [(one.scheme, one.value, one.name) for one in notice.places] == [("plz", "12345", "Musterdorf")]
